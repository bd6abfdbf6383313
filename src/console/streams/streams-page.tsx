import { useQueryValue } from '../address-bar.ts';
import type { StreamItem } from '../api-client.ts';
import { count } from '../format.ts';
import { routeHash, type StreamAddress } from '../page-route.ts';
import { CodeLines } from '../parts/code-lines.tsx';
import { GroupedList, type ListedItem } from '../parts/grouped-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { TestPush } from '../parts/test-push.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { type Sampled, sampled } from '../state/rates.ts';
import { mediaRate } from '../watch/media-facts.ts';
import { RECORD_CONFIGS, RecordConfigs } from './record-configs.tsx';
import { StreamDetails } from './stream-details.tsx';
import { testPictureCommand } from './test-picture-command.ts';

/** How often the figures of a push are read. */
const MEASURE_MS = 1_000;

/** The list of streams beside the one that was chosen, else the first, which is a published one if there is any. */
export function StreamsPage({ address }: { readonly address: StreamAddress | undefined }) {
  const { api, isTimeKnown, browserClock } = useConsole();
  const streams = useAnswer<readonly Sampled<StreamItem>[]>('streams', {
    ask: async (known) => sampled((await api('streams')).streams, browserClock.now(), known),
    refreshOn: [
      'live.published',
      'live.ended',
      'viewer.joined',
      'viewer.left',
      'emulator.reset',
      'live.record-started',
      'live.record-paused',
      'live.record-resumed',
      'live.slice-stored',
    ],
    everyMs: (answer) => (answer?.some(({ live }) => live) ? MEASURE_MS : undefined),
  });
  const [shows] = useQueryValue('show');
  const showsConfigs = !address && shows === 'configurations';
  // Everything about a stream is shown by time.
  if (!streams || !isTimeKnown.value) return <Loading />;
  const chosen = address ? streams.find((stream) => isNamed(stream, address)) : streams[0];
  return (
    <div class="channels">
      <GroupedList label="Streams" items={streams.map((stream) => listed(stream, stream === chosen && !showsConfigs))}>
        <ul>
          <li>
            <a href={RECORD_CONFIGS} aria-current={showsConfigs ? 'page' : undefined}>
              Record configurations
            </a>
          </li>
        </ul>
      </GroupedList>
      {showsConfigs ? (
        <RecordConfigs />
      ) : chosen ? (
        <StreamDetails key={`${chosen.domain}/${chosen.app}/${chosen.stream}`} stream={chosen} />
      ) : (
        <NoStream address={address} />
      )}
    </div>
  );
}

function listed({ domain, app, stream, state, live }: StreamItem, isCurrent: boolean): ListedItem {
  const codecs = [live?.video?.codec, live?.audio?.codec].filter((codec) => codec !== undefined);
  return {
    group: domain === '*' ? app : `${domain} / ${app}`,
    name: stream,
    href: routeHash({ page: 'streams', address: domain === '*' ? { app, stream } : { domain, app, stream } }),
    isCurrent,
    state,
    now: live ? mediaRate(live) : state,
    facts: [
      ...codecs,
      ...(live && live.viewers > 0 ? [count(live.viewers, 'viewer')] : []),
      ...(live?.recording ? ['recorded'] : []),
    ],
  };
}

/** How to push the first one. */
function NoStream({ address }: { readonly address: StreamAddress | undefined }) {
  const { info } = useConsole();
  const { app, stream, domain } = address ?? { app: 'app', stream: 'stream', domain: undefined };
  const query = domain === undefined || domain === '*' ? '' : `?vhost=${domain}`;
  const path = `${encodeURIComponent(app)}/${encodeURIComponent(stream)}`;
  const url = `${info.value?.rtmpUrl}/${path}${query}`;
  return (
    <main class="empty" id="main">
      <h1>{address ? `Nothing was pushed to ${app}/${stream}` : 'No stream has been pushed yet'}</h1>
      <p>A push to any application but live is a stream of ApsaraVideo Live; nothing has to be set up.</p>
      <CodeLines name="command" hint="In a shell." code={testPictureCommand(url)} />
      <p>
        <TestPush to={{ url }} isFree />
      </p>
    </main>
  );
}

function isNamed(candidate: StreamItem, { domain, app, stream }: StreamAddress): boolean {
  return candidate.app === app && candidate.stream === stream && (domain === undefined || candidate.domain === domain);
}
