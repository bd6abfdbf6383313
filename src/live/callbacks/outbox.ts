import { createHash, randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import type { RoomSubject, StreamSubject } from '../../events/subjects.ts';

/** A target has this long to answer 200. Source: "Stream ingest callbacks" page. */
const TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 5;
const RETRY_MS = 1_000;
/** Callbacks that are under way at once; a target that hangs holds each for half a minute. */
const MAX_PENDING = 1_000;
/** Results that are remembered. */
const MAX_RESULTS = 1_000;
/** As much of an answer as is remembered. */
const MAX_RESPONSE_CHARS = 1_024;

/** One callback, and what it is about. */
export interface Callback {
  readonly subject: StreamSubject | RoomSubject;
  /** e.g. `publish`. */
  readonly action: string;
  readonly url: string;
  /** Undefined: a GET. */
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A callback that was delivered or given up. */
export interface CallbackResult extends Callback {
  readonly id: string;
  readonly endedMs: number;
  readonly attempts: number;
  readonly delivered: boolean;
  /** Begin of the answer, or why there was none. */
  readonly response: string;
}

/** A callback under way. */
type Sending = Callback & Pick<CallbackResult, 'id'>;

/** `ALI-LIVE-SIGNATURE` and its time, for targets that ask for it. Source: "Stream ingest callbacks" page. */
export function callbackSignature(domain: string, timestampSec: number, key: string): Readonly<Record<string, string>> {
  const signature = createHash('md5').update(`${domain}|${timestampSec}|${key}`).digest('hex');
  return { 'ALI-LIVE-TIMESTAMP': String(timestampSec), 'ALI-LIVE-SIGNATURE': signature };
}

/** Delivers callbacks, again and again if need be; a stream never waits for one. */
export class Outbox {
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #log: Log;
  /** Aborts when what is under way is given up. */
  #closing = new AbortController();
  readonly #retries = new Set<Timer>();
  readonly #results: CallbackResult[] = [];
  #pendingCount = 0;

  constructor(clock: Clock, events: Events, log: Log) {
    this.#clock = clock;
    this.#events = events;
    this.#log = log;
  }

  /** The latest first. */
  get results(): readonly CallbackResult[] {
    return this.#results.toReversed();
  }

  /** Returns the id that its result will have. */
  send({ subject, action, url, body, headers }: Callback): string {
    const callback: Sending = { id: randomUUID(), subject, action, url, body, headers };
    if (this.#pendingCount >= MAX_PENDING) {
      this.#conclude(callback, 0, false, `${MAX_PENDING} callbacks are under way already`);
    } else {
      this.#pendingCount++;
      void this.#attempt(callback, 1, this.#closing.signal);
    }
    return callback.id;
  }

  /** Sends one again, word for word, its signature included. Undefined when there is no result with the id. */
  sendAgain(id: string): string | undefined {
    const result = this.#results.find((candidate) => candidate.id === id);
    return result && this.send(result);
  }

  /** Gives up what is under way, and forgets what was. */
  clear(): void {
    this.#giveUp('the emulator was reset');
    this.#closing = new AbortController();
    this.#results.length = 0;
    this.#pendingCount = 0;
  }

  /** Gives up what is under way. */
  close(): void {
    this.#giveUp('the emulator stopped');
  }

  #giveUp(reason: string): void {
    this.#closing.abort(new Error(reason));
    for (const timer of this.#retries) timer.cancel();
    this.#retries.clear();
  }

  /** Never rejects: whatever goes wrong is a failed attempt. */
  async #attempt(callback: Sending, attempt: number, givenUp: AbortSignal): Promise<void> {
    const outcome = await this.#request(callback, givenUp);
    if (givenUp.aborted) return;
    if (outcome.delivered || attempt === MAX_ATTEMPTS) {
      this.#pendingCount--;
      this.#conclude(callback, attempt, outcome.delivered, outcome.response);
      return;
    }
    const timer = this.#clock.setTimeout(() => {
      this.#retries.delete(timer);
      void this.#attempt(callback, attempt + 1, givenUp);
    }, RETRY_MS);
    this.#retries.add(timer);
    this.#events.emit({ type: 'live.callback-retried', ...about(callback), attempt, reason: outcome.response });
  }

  async #request(
    { url, body, headers }: Callback,
    givenUp: AbortSignal,
  ): Promise<{ delivered: boolean; response: string }> {
    const late = new AbortController();
    const timer = this.#clock.setTimeout(() => late.abort(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        ...(body === undefined ? { method: 'GET' } : { method: 'POST', body }),
        headers,
        redirect: 'manual',
        signal: AbortSignal.any([late.signal, givenUp]),
      });
      const text = await readBegin(response);
      return { delivered: response.status === 200, response: `${response.status} ${text}`.trimEnd() };
    } catch (error) {
      return { delivered: false, response: reasonOf(error) };
    } finally {
      timer.cancel();
    }
  }

  #conclude(callback: Sending, attempts: number, delivered: boolean, response: string): void {
    this.#results.push({ ...callback, endedMs: this.#clock.now(), attempts, delivered, response });
    if (this.#results.length > MAX_RESULTS) this.#results.shift();
    if (delivered) {
      this.#events.emit({ type: 'live.callback-delivered', ...about(callback), attempts });
    } else {
      this.#log.warn('callback.failed', { ...about(callback), attempts, reason: response });
      this.#events.emit({ type: 'live.callback-failed', ...about(callback), attempts, reason: response });
    }
  }
}

function about({ subject, action, url }: Callback) {
  return { ...subject, action, url };
}

async function readBegin(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    // Leaving the loop cancels the rest.
    if (text.length >= MAX_RESPONSE_CHARS) break;
  }
  return text.slice(0, MAX_RESPONSE_CHARS);
}

/** `fetch` says only that it failed, and has why as its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return errorText(cause);
}
