import { systemClock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { EmulatorEvent, Events, Stamped } from '../../events/events.ts';
import type { Api } from './control-api.ts';
import type { AnswerOf, InputOf } from './route.ts';
import type { eventFilter } from './schemas.ts';

const DEFAULT_LIMIT = 1000;
/** Proxies may close a connection that waits longer; the caller repeats the request. */
const MAX_WAIT_MS = 60_000;

/** Whether a reader wants an event. */
export type EventFilter = (event: Stamped<EmulatorEvent>) => boolean;

type PollQuery = InputOf<Api['events']>['query'];

export function readFilter({ type, bucket, channel }: Pick<PollQuery, keyof typeof eventFilter>): EventFilter {
  const types = type?.split(',');
  return (event) =>
    (types === undefined || types.includes(event.type)) &&
    (bucket === undefined || ('bucket' in event && event.bucket === bucket)) &&
    (channel === undefined || ('channel' in event && event.channel === channel));
}

/** The events after an event. Waits for the first one in real time, because the clock of the emulator may be frozen. */
export async function pollEvents(
  events: Events,
  query: PollQuery,
  fits: EventFilter,
): Promise<AnswerOf<Api['events']>> {
  const { after = 0, waitMs = 0, limit = DEFAULT_LIMIT } = query;
  if (waitMs > 0 && !events.since(after).some(fits)) await nextEvent(events, fits, Math.min(waitMs, MAX_WAIT_MS));
  const all = events.since(after);
  const page = all.filter(fits).slice(0, limit);
  const isCut = page.length === limit;
  const oldestId = all[0]?.id ?? events.lastId + 1;
  return {
    events: page,
    next: isCut ? (page.at(-1)?.id ?? after) : events.lastId,
    lost: Math.max(0, oldestId - after - 1),
  };
}

async function nextEvent(events: Events, fits: EventFilter, waitMs: number): Promise<void> {
  const happened = new AbortController();
  const unsubscribe = events.subscribe((event) => {
    if (fits(event)) happened.abort();
  });
  await wait(systemClock, waitMs, happened.signal);
  unsubscribe();
}
