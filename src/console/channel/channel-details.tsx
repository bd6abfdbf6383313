import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useQueryValue } from '../address-bar.ts';
import type { ChannelItem, FragmentItem } from '../api-client.ts';
import { duration, roughly } from '../format.ts';
import type { ChannelAddress } from '../page-route.ts';
import { DetailsHeader } from '../parts/details-header.tsx';
import { LongCallProgress, useLongCall } from '../parts/long-call.tsx';
import { RateCharts } from '../parts/rate-charts.tsx';
import { RefusedPush } from '../parts/refused-push.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import type { Sampled } from '../state/rates.ts';
import { mediaFacts } from '../watch/media-facts.ts';
import { ChannelActions } from './channel-actions.tsx';
import { draftOf } from './channel-draft.ts';
import { ChannelForm } from './channel-form.tsx';
import { ConnectPanel } from './connect-panel.tsx';
import { FragmentChart, SHOWN_FRAGMENTS } from './fragment-chart.tsx';
import { PlayerPanel } from './player-panel.tsx';
import { PushHistory } from './push-history.tsx';
import { useSelectedRange } from './selected-range.ts';
import { TimelinePanel } from './timeline-panel.tsx';
import { type Range, selection } from './timeline-scale.ts';
import { recordedAtMs, type VodSource } from './vod-playback.ts';

/** Everything about one channel. Needs the address as its key, so that no state of another channel remains. */
export function ChannelDetails({ channel }: { readonly channel: Sampled<ChannelItem> }) {
  const { api, longApi, notice } = useConsole();
  const making = `Making a playlist of ${channel.bucket}/${channel.name}`;
  const { run } = useLongCall(making);
  const { bucket, name } = channel;
  const address = { bucket, channel: name };
  const [form, setForm] = useQueryValue('form');
  const [selected, setSelected] = useSelectedRange();
  const [vod, setVod] = useState<VodSource>();
  const [mediaMs, setMediaMs] = useState(0);
  const latest = useAnswer(`${bucket}/${name}`, {
    ask: async () => (await api('fragments', { params: address, query: { limit: SHOWN_FRAGMENTS } })).fragments,
    refreshOn: ['fragment.stored', 'emulator.reset', 'emulator.seeded', 'emulator.imported'],
  });
  // A new push is shown at once.
  useEffect(() => {
    if (channel.live) setVod(undefined);
  }, [channel.live?.sessionId]);

  const playRange = ({ fromMs, toMs }: Range, playlistName: string, fragments: readonly FragmentItem[]) =>
    notice.attempt(async () => {
      const input = { params: address, body: { from: fromMs, to: toMs, playlistName } };
      const { url, etag } = await run((report) => longApi.call('vod', input, report));
      setMediaMs(0);
      setVod({ id: `${url} ${etag}`, url, playlistName, fragments });
    });
  return (
    <main class="channel-page" id="main">
      <ChannelHeader channel={channel}>
        <ChannelActions
          channel={channel}
          isEdited={form === 'edit'}
          onEdit={() => setForm(form === 'edit' ? '' : 'edit')}
        />
      </ChannelHeader>
      {form === 'edit' && (
        <ChannelForm
          draftName={`channel ${bucket}/${name}`}
          initial={draftOf(channel)}
          isNew={false}
          onSaved={() => setForm('')}
          onCancel={() => setForm('')}
        />
      )}
      <RefusedPush isAbout={(event) => isAdmission(event, address)} />
      <PlayerPanel
        channel={channel}
        vod={vod}
        fragments={latest}
        onVodEnd={() => setVod(undefined)}
        onTime={setMediaMs}
      />
      <section class="panel charts" aria-label="Charts">
        <RateCharts samples={channel.samples} />
        <FragmentChart fragments={latest ?? []} fragDurationSec={channel.fragDurationSec} />
      </section>
      <TimelinePanel
        channel={channel}
        selected={selected}
        latest={latest?.at(-1)}
        onSelect={setSelected}
        onPlay={playRange}
        playheadMs={vod && recordedAtMs(vod.fragments, mediaMs)}
      >
        <LongCallProgress label={making} />
      </TimelinePanel>
      <ConnectPanel channel={channel} />
      <PushHistory channel={channel} onShow={({ fromMs, toMs }) => setSelected(selection(fromMs, toMs))} />
    </main>
  );
}

function ChannelHeader({ channel, children }: { readonly channel: ChannelItem; readonly children: ComponentChildren }) {
  const { nowMs } = useConsole();
  const { bucket, name, state, live, description, fragDurationSec, fragCount } = channel;
  const facts = live
    ? [duration((nowMs.value ?? live.connectedMs) - live.connectedMs), ...mediaFacts(live), `from ${live.remoteAddr}`]
    : [description];
  return (
    <DetailsHeader
      parent={bucket}
      name={name}
      state={state}
      help="channels"
      facts={[
        ...facts.filter((fact) => fact !== ''),
        `cut every ${roughly(fragDurationSec * 1000)}, ${fragCount} listed`,
      ]}
    >
      {children}
    </DetailsHeader>
  );
}

function isAdmission(event: JournalEvent, { bucket, channel }: ChannelAddress): boolean {
  if (event.type !== 'publish.refused' && event.type !== 'publish.accepted') return false;
  return event.bucket === bucket && event.channel === channel;
}
