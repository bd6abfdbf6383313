import { systemClock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { EmulatorEvent, Events, Stamped } from '../../events/events.ts';

const DEFAULT_LIMIT = 1000;
/** Past this a proxy in between may lose patience; the caller asks again. */
const MAX_WAIT_MS = 60_000;

/** Which events somebody wants to hear of. */
export type EventFilter = (event: Stamped<EmulatorEvent>) => boolean;

export interface FilterFields {
  /** Types, separated by commas. */
  readonly type?: string;
  readonly bucket?: string;
  readonly channel?: string;
}

export interface PollQuery {
  readonly after?: number;
  readonly waitMs?: number;
  readonly limit?: number;
}

export interface EventPage {
  readonly events: Stamped<EmulatorEvent>[];
  readonly next: number;
  readonly lost: number;
}

export function readFilter({ type, bucket, channel }: FilterFields): EventFilter {
  const types = type?.split(',');
  return (event) =>
    (types === undefined || types.includes(event.type)) &&
    (bucket === undefined || ('bucket' in event && event.bucket === bucket)) &&
    (channel === undefined || ('channel' in event && event.channel === channel));
}

/** What happened after an event; waits for the first in real time, because the emulator's clock may stand still. */
export async function pollEvents(events: Events, query: PollQuery, fits: EventFilter): Promise<EventPage> {
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
