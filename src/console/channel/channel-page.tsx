import { useEffect, useState } from 'preact/hooks';
import type { Channel, ChannelAddress, Fragment } from '../control-api.ts';
import { duration, roughly } from '../format.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { Connect } from './connect.tsx';
import { FragmentChart, SHOWN_FRAGMENTS } from './fragment-chart.tsx';
import { History } from './history.tsx';
import { recordedAtMs, type VodSource } from './playback.ts';
import { RateCharts } from './rate-charts.tsx';
import { Recordings } from './recordings.tsx';
import { RefusedPush } from './refused-push.tsx';
import { Screen } from './screen.tsx';
import { type Range, selection } from './timeline-scale.ts';

/** Everything about one channel; to be given the address as its key, so that nothing of another channel stays. */
export function ChannelPage({ channel }: { readonly channel: Channel }) {
  const { api, channels, notice } = useConsole();
  const { bucket, name } = channel;
  const address = { bucket, channel: name };
  const [selected, setSelected] = useState<Range>();
  const [vod, setVod] = useState<VodSource>();
  const [mediaMs, setMediaMs] = useState(0);
  const latest = useAnswer(`${bucket}/${name}`, () => api.fragments(address, { limit: SHOWN_FRAGMENTS }), [
    'fragment.stored',
    'emulator.reset',
    'emulator.seeded',
  ])?.fragments;
  // A new push is what one wants to see.
  useEffect(() => {
    if (channel.live) setVod(undefined);
  }, [channel.live?.sessionId]);

  const playRange = (range: Range, playlistName: string, fragments: readonly Fragment[]) =>
    notice.attempt(async () => {
      const { url, etag } = await api.vod(address, { from: range.fromMs, to: range.toMs, playlistName });
      setMediaMs(0);
      setVod({ id: `${url} ${etag}`, url, playlistName, fragments });
    });
  return (
    <main class="channel-page" id="main">
      <ChannelHeader channel={channel} />
      <RefusedPush isAbout={(event) => isAdmission(event, address)} />
      <Screen
        channel={channel}
        vod={vod}
        latest={latest?.at(-1)}
        onBackToLive={() => setVod(undefined)}
        onTime={setMediaMs}
      />
      <section class="panel charts" aria-label="Charts">
        <RateCharts samples={channels.ratesOf(address)} />
        <FragmentChart fragments={latest ?? []} fragDurationSec={channel.fragDurationSec} />
      </section>
      <Recordings
        channel={channel}
        selected={selected}
        latest={latest?.at(-1)}
        onSelect={setSelected}
        onPlay={playRange}
        playheadMs={vod && recordedAtMs(vod.fragments, mediaMs)}
      />
      <Connect channel={channel} />
      <History channel={channel} onShow={({ fromMs, toMs }) => setSelected(selection(fromMs, toMs))} />
    </main>
  );
}

function ChannelHeader({ channel }: { readonly channel: Channel }) {
  const { clock } = useConsole();
  const { live } = channel;
  const nowMs = clock.nowMs.value;
  const facts = live
    ? [
        nowMs !== undefined && duration(nowMs - live.connectedMs),
        live.video && `${live.video.codec} ${live.video.width} × ${live.video.height}, ${live.video.frameRate} fps`,
        live.audio && `${live.audio.codec} ${live.audio.sampleRate / 1000} kHz`,
        `from ${live.remoteAddr}`,
      ]
    : [channel.description];
  return (
    <header class="channel-header">
      <h1>
        <span class="quiet">{channel.bucket} /</span> {channel.name}
      </h1>
      <StateBadge state={channel.state} />
      <ul class="facts">
        {facts.filter(isGiven).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        <li>
          cut every {roughly(channel.fragDurationSec * 1000)}, {channel.fragCount} listed
        </li>
      </ul>
    </header>
  );
}

function isAdmission(event: JournalEvent, { bucket, channel }: ChannelAddress): boolean {
  if (event.type !== 'publish.refused' && event.type !== 'publish.accepted') return false;
  return event.bucket === bucket && event.channel === channel;
}

function isGiven(fact: string | false | null): fact is string {
  return typeof fact === 'string' && fact !== '';
}
