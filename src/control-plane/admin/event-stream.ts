import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { EmulatorEvent, Stamped } from '../../events/events.ts';
import type { EventFeed, EventFilter } from './event-feed.ts';
import { UNBUFFERED } from './unbuffered.ts';

/**
 * A comment is sent at this interval, so that no proxy closes the connection as idle, and a reader that hears nothing for longer
 * knows that the emulator hangs: the page waits for three of them.
 */
export const HEARTBEAT_MS = 5_000;
/** A reader that is further behind is disconnected; it can reconnect with Last-Event-ID. */
const MAX_BEHIND_BYTES = 1024 * 1024;

/**
 * Server-sent events (HTML Standard, 9.2) until the reader disconnects: the events after Last-Event-ID, which a browser
 * sends when it reconnects, or else after `after`, or else only new events.
 */
export function streamEvents(
  request: IncomingMessage,
  response: ServerResponse,
  { feed, log }: { readonly feed: EventFeed; readonly log: Log },
  after: number | undefined,
  fits: EventFilter,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...UNBUFFERED });
  const send = (event: Stamped<EmulatorEvent>): void => {
    // The end of the server ends the answer, and the last events come before it has closed.
    if (response.writableEnded || !fits(event)) return;
    response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
  };
  // This first write sends the headers too.
  response.write(': hello\n\n');
  const lastSeen = Number(request.headers['last-event-id'] ?? after ?? Number.NaN);
  const left = new AbortController();
  feed.follow(Number.isInteger(lastSeen) ? lastSeen : undefined, send, left.signal).catch((error) => {
    // The reader connects again, and continues after the last one that it has.
    log.warn('events.not-read', { error: errorText(error) });
    response.destroy();
  });
  let heartbeat = systemClock.setTimeout(beat, HEARTBEAT_MS);
  function beat(): void {
    if (!response.writableEnded) response.write(': still here\n\n');
    heartbeat = systemClock.setTimeout(beat, HEARTBEAT_MS);
  }
  response.on('close', () => {
    left.abort();
    heartbeat.cancel();
  });
}
