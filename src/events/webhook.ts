import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { EmulatorEvent, Events, Stamped } from './events.ts';

/** Past this the oldest are dropped: a receiver that is down must not cost memory without end. */
const MAX_QUEUED = 1_000;
const ATTEMPT_TIMEOUT_MS = 5_000;
/** Waits before the second and the third attempt; after that the event is dropped. */
const RETRY_DELAYS_MS = [200, 1_000];

export interface WebhookOptions {
  readonly url: string;
  readonly events: Events;
  readonly log: Log;
  /** The real time: the receiver lives in it, whatever the emulator's clock says. */
  readonly clock: Clock;
}

/**
 * Posts every event as a JSON document of its own, one after the other in their order, REST requests left out. A
 * receiver answers with any 2xx; what it refuses three times is dropped.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #queue: Stamped<EmulatorEvent>[] = [];
  readonly #unsubscribe: () => void;
  readonly #aborter = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#unsubscribe = options.events.subscribe((event) => {
      if (event.type !== 'request.answered') this.#enqueue(event);
    });
  }

  /** Resolves when everything was delivered or dropped, or `graceMs` later. */
  async stop(graceMs: number): Promise<void> {
    this.#unsubscribe();
    const timer = this.#options.clock.setTimeout(() => this.#aborter.abort(), graceMs);
    await this.#sending;
    timer.cancel();
  }

  #enqueue(event: Stamped<EmulatorEvent>): void {
    this.#queue.push(event);
    if (this.#queue.length > MAX_QUEUED) {
      const dropped = this.#queue.shift();
      this.#options.log.warn('webhook.overflow', { dropped: dropped?.id });
    }
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  /** Never rejects: what cannot be delivered is logged. */
  async #sendAll(): Promise<void> {
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) await this.#send(event);
    this.#isSending = false;
  }

  async #send(event: Stamped<EmulatorEvent>): Promise<void> {
    for (const delayMs of [0, ...RETRY_DELAYS_MS]) {
      if (delayMs > 0 && !this.#aborter.signal.aborted) await this.#wait(delayMs);
      if (this.#aborter.signal.aborted) return;
      const failure = await this.#attempt(event);
      if (failure === undefined) return;
      this.#options.log.debug('webhook.retry', { event: event.id, reason: failure });
    }
    this.#options.log.warn('webhook.dropped', { event: event.id, type: event.type, url: this.#options.url });
  }

  /** Resolves to what went wrong, if anything. */
  async #attempt(event: Stamped<EmulatorEvent>): Promise<string | undefined> {
    const late = new AbortController();
    const timer = this.#options.clock.setTimeout(() => late.abort(new Error('no answer in time')), ATTEMPT_TIMEOUT_MS);
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        signal: AbortSignal.any([late.signal, this.#aborter.signal]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `status ${response.status}`;
    } catch (error) {
      return String(error);
    } finally {
      timer.cancel();
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#aborter;
      const done = () => {
        timer.cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer: Timer = this.#options.clock.setTimeout(done, delayMs);
      signal.addEventListener('abort', done);
    });
  }
}
