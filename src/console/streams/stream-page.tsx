import { useEffect, useState } from 'preact/hooks';
import { RateCharts } from '../channel/rate-charts.tsx';
import { RefusedPush } from '../channel/refused-push.tsx';
import type { Stream } from '../control-api.ts';
import { duration, roughly } from '../format.ts';
import { Addresses } from '../live/addresses.tsx';
import { LivePicture } from '../live/live-picture.tsx';
import { mediaFacts } from '../live/media-facts.ts';
import { TestPush } from '../live/test-push.tsx';
import { ViewerList } from '../live/viewer-list.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { type RateSample, withSample } from '../state/rates.ts';
import { StreamFindings } from './stream-findings.tsx';
import { StreamRecordings } from './stream-recordings.tsx';

/** Everything about one stream; to be given its name as its key, so that nothing of another stays. */
export function StreamPage({ stream }: { readonly stream: Stream }) {
  const { domain, app, stream: name, play, publishUrl } = stream;
  const isThis = (about: object) =>
    'stream' in about && about.stream === name && 'app' in about && about.app === app && domainFits(about, domain);
  return (
    <main class="channel-page" id="main">
      <StreamHeader stream={stream} />
      <RefusedPush isAbout={(event) => isAdmission(event) && isThis(event)} />
      <StreamFindings isAbout={isThis} />
      <Screen stream={stream} />
      <section class="panel charts" aria-label="Charts">
        <RateCharts samples={useRates(stream.live)} />
      </section>
      <section class="panel" aria-label="Addresses">
        <header>
          <h2>Addresses</h2>
        </header>
        <Addresses
          all={[
            { name: 'Push', text: publishUrl },
            { name: 'RTS', text: play.rts },
            { name: 'WHEP', text: play.whep },
            { name: 'HTTP-FLV', text: play.flv },
            { name: 'HLS', text: play.hls },
          ]}
        />
      </section>
      <ViewerList of={`${domain}/${app}/${name}`} isMeant={isThis} />
      <StreamRecordings stream={stream} />
    </main>
  );
}

function StreamHeader({ stream: { domain, app, stream, state, live } }: { readonly stream: Stream }) {
  const { clock } = useConsole();
  const facts = live
    ? [
        duration((clock.nowMs.value ?? live.startedMs) - live.startedMs),
        ...mediaFacts(live),
        `from ${live.remoteAddr}`,
        live.recording ? `recorded to ${live.recording.bucket}` : 'not recorded',
      ]
    : [];
  return (
    <header class="channel-header">
      <h1>
        <span class="quiet">
          {domain !== '*' && `${domain} / `}
          {app} /
        </span>{' '}
        {stream}
      </h1>
      <StateBadge state={state} />
      <ul class="facts">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </header>
  );
}

function Screen({ stream: { stream: name, live, play, publishUrl, endedMs } }: { readonly stream: Stream }) {
  const { clock } = useConsole();
  const agoMs = (clock.nowMs.value ?? 0) - (endedMs ?? 0);
  return (
    <section class="panel screen" aria-label="Player">
      <header>
        <h2>Live picture</h2>
        {live && <TestPush url={publishUrl} isFree={false} />}
      </header>
      {live ? (
        <LivePicture url={play.whep} sessionId={live.sessionId} label={`Live picture of ${name}`} />
      ) : (
        <div class="no-picture">
          <p>The last push ended {roughly(Math.max(0, agoMs))} ago.</p>
          <TestPush url={publishUrl} isFree />
        </div>
      )}
    </section>
  );
}

/** How fast the push runs, as far as the page has looked on. */
function useRates(live: Stream['live']): readonly RateSample[] {
  const { browserClock } = useConsole();
  const [samples, setSamples] = useState<readonly RateSample[]>([]);
  useEffect(() => {
    setSamples((before) => (live ? withSample(before, live, browserClock.now()) : []));
  }, [live]);
  return samples;
}

function isAdmission({ type }: JournalEvent): boolean {
  return type === 'publish.refused' || type === 'live.published';
}

/** Who was refused may not have named one. */
function domainFits(about: object, domain: string): boolean {
  return !('domain' in about) || about.domain === domain;
}
