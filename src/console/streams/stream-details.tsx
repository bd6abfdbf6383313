import type { StreamItem } from '../api-client.ts';
import { duration, roughly } from '../format.ts';
import { NamedTexts } from '../parts/code-lines.tsx';
import { DetailsHeader } from '../parts/details-header.tsx';
import { Panel } from '../parts/panel.tsx';
import { PushFindings } from '../parts/push-findings.tsx';
import { RateCharts } from '../parts/rate-charts.tsx';
import { RefusedPush } from '../parts/refused-push.tsx';
import { TestPush } from '../parts/test-push.tsx';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import type { Sampled } from '../state/rates.ts';
import { mediaFacts } from '../watch/media-facts.ts';
import { ViewersPanel } from '../watch/viewers-panel.tsx';
import { WebRtcPicture } from '../watch/web-rtc-picture.tsx';
import { RecordingsPanel } from './recordings-panel.tsx';

/** Everything about one stream. Needs its name as the key, so that no state of another stream remains. */
export function StreamDetails({ stream }: { readonly stream: Sampled<StreamItem> }) {
  const { domain, app, stream: name, play, publishUrl } = stream;
  const { whep, flv, hls } = play.short ?? play;
  const isThis = (about: object) =>
    'stream' in about && about.stream === name && 'app' in about && about.app === app && domainFits(about, domain);
  return (
    <main class="channel-page" id="main">
      <StreamHeader stream={stream} />
      <RefusedPush isAbout={(event) => isAdmission(event) && isThis(event)} />
      <PushFindings isAbout={isThis} />
      <PicturePanel stream={stream} />
      <section class="panel charts" aria-label="Charts">
        <RateCharts samples={stream.samples} />
      </section>
      <Panel name="Addresses">
        <NamedTexts
          all={[
            { name: 'Push', text: publishUrl },
            { name: 'RTS', text: play.rts },
            { name: 'WHEP', text: whep },
            { name: 'HTTP-FLV', text: flv },
            { name: 'HLS', text: hls },
          ]}
        />
        {!play.short && (
          <p class="hint">
            The bucket {app} hides the addresses /{app}/{name} for other machines and for pages of other origins.
          </p>
        )}
      </Panel>
      <ViewersPanel of={`${domain}/${app}/${name}`} isAbout={isThis} />
      <RecordingsPanel stream={stream} />
    </main>
  );
}

function StreamHeader({ stream: { domain, app, stream, state, live } }: { readonly stream: StreamItem }) {
  const { nowMs } = useConsole();
  const facts = live
    ? [
        duration((nowMs.value ?? live.startedMs) - live.startedMs),
        ...mediaFacts(live),
        `from ${live.remoteAddr}`,
        live.recording ? `recorded to ${live.recording.bucket}` : 'not recorded',
      ]
    : [];
  return (
    <DetailsHeader
      parent={domain === '*' ? app : `${domain} / ${app}`}
      name={stream}
      state={state}
      facts={facts}
      help="streams"
    />
  );
}

function PicturePanel({ stream: { stream: name, live, play, publishUrl, endedMs } }: { readonly stream: StreamItem }) {
  const { nowMs } = useConsole();
  const agoMs = (nowMs.value ?? 0) - (endedMs ?? 0);
  return (
    <Panel
      name="Player"
      title="Live picture"
      class="screen"
      header={live && <TestPush to={{ url: publishUrl }} isFree={false} />}
    >
      {live ? (
        <WebRtcPicture url={play.whep} sessionId={live.sessionId} label={`Live picture of ${name}`} />
      ) : (
        <div class="no-picture">
          <p>The last push ended {roughly(Math.max(0, agoMs))} ago.</p>
          <TestPush to={{ url: publishUrl }} isFree />
        </div>
      )}
    </Panel>
  );
}

function isAdmission({ type }: JournalEvent): boolean {
  return type === 'publish.refused' || type === 'live.published';
}

/** A refused push may have no domain. */
function domainFits(about: object, domain: string): boolean {
  return !('domain' in about) || about.domain === domain;
}
