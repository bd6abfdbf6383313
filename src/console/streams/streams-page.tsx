import { useState } from 'preact/hooks';
import type { EventType } from '../../events/events.ts';
import { Lines } from '../channel/connect.tsx';
import type { Stream, StreamAddress } from '../control-api.ts';
import { testPictureCommand } from '../live/test-picture-command.ts';
import { TestPush } from '../live/test-push.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { StreamList } from './stream-list.tsx';
import { StreamPage } from './stream-page.tsx';

const STREAM_EVENTS: readonly EventType[] = [
  ...(['live.published', 'live.ended', 'viewer.joined', 'viewer.left', 'emulator.reset'] as const),
  ...(['live.record-started', 'live.record-paused', 'live.record-resumed', 'live.slice-stored'] as const),
];

/** How often the figures of what is live are looked at. */
const MEASURE_MS = 1_000;

/** The list of streams beside the one that was chosen: else the first, which is live if any is. */
export function StreamsPage({ address }: { readonly address: StreamAddress | undefined }) {
  const { api, clock } = useConsole();
  const [isAnyLive, setAnyLive] = useState(false);
  const ask = async () => {
    const { streams } = await api.streams();
    setAnyLive(streams.some(({ state }) => state === 'live'));
    return streams;
  };
  const streams = useAnswer('streams', ask, STREAM_EVENTS, isAnyLive ? MEASURE_MS : undefined);
  // Everything about a stream is shown by time.
  if (!streams || !clock.state.value) return <main class="empty" id="main" aria-busy="true" />;
  const chosen = address ? find(streams, address) : streams[0];
  if (streams.length === 0) return <NoStream address={address} />;
  return (
    <div class="channels">
      <StreamList streams={streams} current={chosen} />
      {chosen ? (
        <StreamPage key={`${chosen.domain}/${chosen.app}/${chosen.stream}`} stream={chosen} />
      ) : (
        <NoStream address={address} />
      )}
    </div>
  );
}

/** How to begin. */
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
      <Lines name="command" hint="In a shell." code={testPictureCommand(url)} />
      <p>
        <TestPush url={url} isFree />
      </p>
    </main>
  );
}

/** Without a domain, one that is live if any is: the live ones come first. */
function find(streams: readonly Stream[], { domain, app, stream }: StreamAddress): Stream | undefined {
  return streams.find(
    (candidate) =>
      candidate.app === app && candidate.stream === stream && (domain === undefined || candidate.domain === domain),
  );
}
