import type { EmulatorEvent, Stamped } from '../../events/events.ts';
import type { Api } from './control-api.ts';
import type { AnswerOf, InputOf } from './route.ts';
import type { eventFilter } from './schemas.ts';

/** Whether a reader wants an event. */
export type EventFilter = (event: Stamped<EmulatorEvent>) => boolean;

export type PollQuery = InputOf<Api['events']>['query'];
export type EventPage = AnswerOf<Api['events']>;

export const DEFAULT_LIMIT = 1000;
/** Proxies may close a connection that waits longer; the caller repeats the request. */
export const MAX_WAIT_MS = 60_000;

/** What those read who follow the events: those of this emulator, or of all nodes that share its metadata. */
export interface EventFeed {
  /** The events after an event. Waits for the first one in real time, because the clock of the emulator may be frozen. */
  poll(query: PollQuery, fits: EventFilter): Promise<EventPage>;
  /**
   * Passes on the events after the one with this id, or only new ones, until the signal aborts. Waits for a store that is away.
   * Rejects when they cannot be read for another reason.
   */
  follow(after: number | undefined, send: (event: Stamped<EmulatorEvent>) => void, signal: AbortSignal): Promise<void>;
}

export function readFilter({ type, bucket, channel }: Pick<PollQuery, keyof typeof eventFilter>): EventFilter {
  const types = type?.split(',');
  return (event) =>
    (types === undefined || types.includes(event.type)) &&
    (bucket === undefined || ('bucket' in event && event.bucket === bucket)) &&
    (channel === undefined || ('channel' in event && event.channel === channel));
}
