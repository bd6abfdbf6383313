import { type Clock, startStopwatch, systemClock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { EmulatorEvent, Stamped } from '../../events/events.ts';
import type { SharedEvents } from '../../events/shared-events.ts';
import { isStoreAway } from '../../storage/machine-fault.ts';
import { DEFAULT_LIMIT, type EventFeed, type EventFilter, type EventPage, MAX_WAIT_MS } from './event-feed.ts';

/** How often those who follow look for more. */
const LOOK_MS = 500;

/** The events of all nodes. @param clock of the real time, in which they are looked for */
export function sharedEventFeed(events: SharedEvents, clock: Clock = systemClock): EventFeed {
  return {
    async poll({ after = 0, waitMs = 0, limit = DEFAULT_LIMIT }, fits) {
      const passedMs = startStopwatch(clock);
      const bounded = Math.min(waitMs, MAX_WAIT_MS);
      const first = await readPage(events, after, limit, fits);
      let page = first;
      while (page.events.length === 0 && passedMs() < bounded) {
        await wait(clock, Math.min(LOOK_MS, bounded - passedMs()));
        page = await readPage(events, page.next, limit, fits);
      }
      return { ...page, lost: first.lost };
    },
    async follow(after, send, signal) {
      let last = after;
      const sendNews = async () => {
        last ??= await events.lastId();
        for await (const event of events.since(last)) {
          if (signal.aborted) return;
          send(event);
          last = event.id;
        }
      };
      while (!signal.aborted) {
        await sendNews().catch(unlessAway);
        await wait(clock, LOOK_MS, signal);
      }
    },
  };
}

/** Who follows the events waits for a store that is away, and misses nothing. The log is told of it by others. */
function unlessAway(error: unknown): void {
  if (!isStoreAway(error)) throw error;
}

async function readPage(events: SharedEvents, after: number, limit: number, fits: EventFilter): Promise<EventPage> {
  const fitting: Stamped<EmulatorEvent>[] = [];
  let first: number | undefined;
  let next = after;
  for await (const event of events.since(after)) {
    first ??= event.id;
    next = event.id;
    if (fits(event)) fitting.push(event);
    if (fitting.length === limit) break;
  }
  if (first !== undefined) return { events: fitting, next, lost: Math.max(0, first - after - 1) };
  // None is left after it, or none has been yet.
  const lastId = await events.lastId();
  return { events: fitting, next: lastId, lost: Math.max(0, lastId - after) };
}
