import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { type Attempt, Deliverer, type Outcome } from '../../base/deliverer.ts';
import type { Log } from '../../base/log.ts';
import { RecentEntries } from '../../base/recent-entries.ts';
import { textSizeBytes } from '../../base/text-size.ts';
import type { Events } from '../../events/events.ts';
import type { RoomSubject, StreamSubject } from '../../events/subjects.ts';
import type { SendOutgoing } from '../../http/outgoing.ts';
import type { WaitingDeliveries } from '../../storage/waiting-deliveries.ts';

/** A target has this long to answer 200. Source: "Stream ingest callbacks" page. */
const TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 5;
const RETRY_MS = 1_000;
/** Callbacks under way at a time; a target that does not answer keeps each for half a minute. */
const MAX_PENDING = 1_000;
/** How many results are kept: a template may make a long body. */
const BOUNDS = { maxEntries: 1_000, maxBytes: 8 * 1024 * 1024 };
/** How much of an answer is kept. */
const MAX_RESPONSE_BYTES = 1_024;

/** One callback, and what it is about. */
export interface Callback {
  readonly subject: StreamSubject | RoomSubject;
  /** e.g. `publish`. */
  readonly action: string;
  readonly url: string;
  /** Undefined for a GET. */
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A callback that was delivered, or for which all attempts failed. */
export interface CallbackResult extends Callback {
  readonly id: string;
  readonly endedMs: number;
  readonly attempts: number;
  readonly delivered: boolean;
  /** The beginning of the answer, or why there was none. */
  readonly response: string;
}

/** A callback under way. */
export type Sending = Callback & Pick<CallbackResult, 'id'>;

/** `ALI-LIVE-SIGNATURE` and its time, for targets that ask for it. Source: "Stream ingest callbacks" page. */
export function callbackSignature(domain: string, timestampSec: number, key: string): Readonly<Record<string, string>> {
  const signature = createHash('md5').update(`${domain}|${timestampSec}|${key}`).digest('hex');
  return { 'ALI-LIVE-TIMESTAMP': String(timestampSec), 'ALI-LIVE-SIGNATURE': signature };
}

export interface OutboxDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly send: SendOutgoing;
  /** Where several nodes share their metadata. */
  readonly waiting?: WaitingDeliveries<Sending> | undefined;
}

/** Delivers callbacks and keeps the results; a stream never waits for a callback. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #results = new RecentEntries<CallbackResult>(BOUNDS);
  #deliverer: Deliverer;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#deliverer = callbackDeliverer(deps.clock);
  }

  /** The latest first. */
  get results(): readonly CallbackResult[] {
    return this.#results.latest().toReversed();
  }

  /** Returns the id that its result will have. */
  send({ subject, action, url, body, headers }: Callback): string {
    const callback: Sending = { id: randomUUID(), subject, action, url, body, headers };
    this.#deliver(callback);
    return callback.id;
  }

  /** Goes on with the callbacks that wait on nodes which are gone. Their attempts are counted anew. */
  async takeOver(): Promise<void> {
    await this.#deps.waiting?.takeOver((_, callback) => this.#deliver(callback));
  }

  #deliver(callback: Sending): void {
    const { events, waiting } = this.#deps;
    const deliverer = this.#deliverer;
    const ended = deliverer.deliver({
      attempt: (signal) => this.#request(callback, signal),
      retryDelayMs: (failedAttempts) => (failedAttempts < MAX_ATTEMPTS ? RETRY_MS : undefined),
      onRetry: ({ attempts: attempt, answer: reason }) => {
        waiting?.keep(callback.id, callback);
        events.emit({ type: 'live.callback-retried', ...about(callback), attempt, reason });
      },
    });
    if (ended) {
      void ended.then((outcome) => {
        if (outcome) this.#conclude(callback, outcome);
        // At a stop another node goes on with it; a `clear` has another deliverer already.
        else if (deliverer === this.#deliverer) waiting?.keep(callback.id, callback);
      });
    } else {
      const answer = `${MAX_PENDING} callbacks are under way already`;
      this.#conclude(callback, { attempts: 0, delivered: false, answer });
    }
  }

  /** Sends the same request again, with the same signature. Undefined when there is no result with the id. */
  sendAgain(id: string): string | undefined {
    const result = this.#results.latest().find((candidate) => candidate.id === id);
    return result && this.send(result);
  }

  /** Aborts the callbacks under way, and deletes all results. */
  async clear(): Promise<void> {
    const former = this.#deliverer;
    this.#deliverer = callbackDeliverer(this.#deps.clock);
    this.#results.clear();
    this.#deps.waiting?.clear();
    await former.stop();
  }

  /** Aborts the callbacks under way. */
  close(): Promise<void> {
    return this.#deliverer.stop();
  }

  async #request({ url, body, headers }: Callback, signal: AbortSignal): Promise<Attempt> {
    const method = body === undefined ? 'GET' : 'POST';
    const request = { url: new URL(url), method, headers, body: Buffer.from(body ?? '') } as const;
    const { status, body: begin } = await this.#deps.send(request, signal, MAX_RESPONSE_BYTES);
    return { delivered: status === 200, answer: `${status} ${begin}`.trimEnd() };
  }

  #conclude(callback: Sending, { attempts, delivered, answer: response }: Outcome): void {
    this.#deps.waiting?.remove(callback.id);
    const result = { ...callback, endedMs: this.#deps.clock.now(), attempts, delivered, response };
    this.#results.add(result, textSizeBytes(JSON.stringify(result)));
    if (delivered) {
      this.#deps.events.emit({ type: 'live.callback-delivered', ...about(callback), attempts });
    } else {
      this.#deps.log.warn('callback.failed', { ...about(callback), attempts, reason: response });
      this.#deps.events.emit({ type: 'live.callback-failed', ...about(callback), attempts, reason: response });
    }
  }
}

function callbackDeliverer(clock: Clock): Deliverer {
  return new Deliverer({ clock, timeoutMs: TIMEOUT_MS, maxPending: MAX_PENDING });
}

function about({ subject, action, url }: Callback) {
  return { ...subject, action, url };
}
