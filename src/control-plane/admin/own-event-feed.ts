import { systemClock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { Events } from '../../events/events.ts';
import { DEFAULT_LIMIT, type EventFeed, type EventFilter, MAX_WAIT_MS } from './event-feed.ts';

/** The events of this emulator. */
export function ownEventFeed(events: Events): EventFeed {
  return {
    async poll({ after = 0, waitMs = 0, limit = DEFAULT_LIMIT }, fits) {
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
    },
    async follow(after, send, signal) {
      if (after !== undefined) for (const event of events.since(after)) send(event);
      const unsubscribe = events.subscribe(send);
      if (signal.aborted) unsubscribe();
      else signal.addEventListener('abort', unsubscribe, { once: true });
    },
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
