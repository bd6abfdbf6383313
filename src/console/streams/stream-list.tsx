import type { Stream } from '../control-api.ts';
import { count } from '../format.ts';
import { mediaRate } from '../live/media-facts.ts';
import { routeHash } from '../route.ts';

export interface StreamListProps {
  readonly streams: readonly Stream[];
  readonly current: Stream | undefined;
}

/** Every stream below its application, with what it does now. */
export function StreamList({ streams, current }: StreamListProps) {
  const byApp = Map.groupBy(streams, ({ domain, app }) => (domain === '*' ? app : `${domain} / ${app}`));
  return (
    <nav class="channel-list" aria-label="Streams">
      {[...byApp].map(([name, ofApp]) => (
        <section key={name}>
          <h2>{name}</h2>
          <ul>
            {ofApp.map((stream) => (
              <StreamItem key={stream.stream} stream={stream} isCurrent={stream === current} />
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function StreamItem({
  stream: { domain, app, stream, state, live },
  isCurrent,
}: {
  readonly stream: Stream;
  readonly isCurrent: boolean;
}) {
  const address = domain === '*' ? { app, stream } : { domain, app, stream };
  const facts = live
    ? [
        ...[live.video?.codec, live.audio?.codec].filter((codec) => codec !== undefined),
        ...(live.viewers > 0 ? [count(live.viewers, 'viewer')] : []),
        ...(live.recording ? ['recorded'] : []),
      ]
    : [];
  return (
    <li>
      <a href={routeHash({ page: 'streams', address })} aria-current={isCurrent ? 'page' : undefined}>
        <span class={`dot state-${state}`} aria-hidden="true" />
        <span class="channel-name">{stream}</span>
        <span class="channel-rate">{live ? mediaRate(live) : state}</span>
        {facts.length > 0 && <span class="item-facts">{facts.join(' · ')}</span>}
      </a>
    </li>
  );
}
