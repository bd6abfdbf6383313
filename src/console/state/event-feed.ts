import type { Clock } from '../../base/clock.ts';
import { CallFailed } from '../call-failed.ts';
import { type Contact, LIMITS } from '../contact.ts';
import type { Send } from '../send.ts';

/** As browsers do for `EventSource`. */
const RETRY_MS = 2_000;

export interface EventFeedDeps {
  readonly send: Send;
  readonly contact: Contact;
  readonly clock: Clock;
  readonly onOpen: () => void;
  /** Called with a StreamRefused, or a CallFailed. */
  readonly onLost: (error: unknown) => void;
  /** Gets the data of one event. */
  readonly onEvent: (data: string) => void;
}

/** The emulator does not give the events. */
export class StreamRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/**
 * Follows server-sent events for ever (HTML Standard, 9.2): after a lost connection it asks for the events after the last
 * one. `EventSource` cannot send the token of the page, and waits for ever in silence.
 */
export function followEvents(url: string, deps: EventFeedDeps): void {
  const { send, contact, clock, onOpen, onLost, onEvent } = deps;
  let lastId = '';
  const read = async () => {
    const headers = lastId === '' ? {} : { 'last-event-id': lastId };
    const response = await contact.answerOfEmulator(LIMITS.question, (signal) => send(url, { headers, signal }));
    if (!response.ok) {
      // What nobody reads would keep one of the few connections of the browser.
      response.body?.cancel().catch(() => {});
      throw new StreamRefused(response.status);
    }
    onOpen();
    for await (const { id, data } of readEvents(contact.chunks(LIMITS.question, response))) {
      lastId = id;
      onEvent(data);
    }
    throw new CallFailed('The stream has ended.');
  };
  const follow = () => {
    read().catch((error) => {
      onLost(error);
      clock.setTimeout(follow, RETRY_MS);
    });
  };
  follow();
}

/** The emulator writes each event as an id, a type and one line of data; comments have none of these. */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly id: string; readonly data: string }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = fieldOf(block, 'id');
      const data = fieldOf(block, 'data');
      if (id !== undefined && data !== undefined) yield { id, data };
    }
  }
}

function fieldOf(block: string, name: string): string | undefined {
  const start = `${name}: `;
  return block
    .split('\n')
    .find((line) => line.startsWith(start))
    ?.slice(start.length);
}
