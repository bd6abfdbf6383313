import type { Clock } from '../base/clock.ts';
import { type Attempt, Deliverer } from '../base/deliverer.ts';
import type { Log } from '../base/log.ts';
import type { EmulatorEvent, Events, Stamped } from './events.ts';

/** Further events replace the oldest, so that a receiver that is down costs a bounded amount of memory. */
const MAX_QUEUED = 1_000;
const ATTEMPT_TIMEOUT_MS = 5_000;
/** Waits before the second and the third attempt; after that the event is dropped. */
const RETRY_DELAYS_MS = [200, 1_000];

export interface WebhookOptions {
  readonly url: string;
  readonly events: Events;
  readonly log: Log;
  /** The real time, because the receiver does not follow the emulator's clock. */
  readonly clock: Clock;
}

/**
 * Posts every event as a separate JSON document, one after the other in their order, REST requests left out. A receiver
 * answers with any 2xx; an event that it refuses three times is dropped.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #queue: Stamped<EmulatorEvent>[] = [];
  readonly #unsubscribe: () => void;
  readonly #deliverer: Deliverer;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const { clock, events } = options;
    this.#deliverer = new Deliverer({ clock, timeoutMs: ATTEMPT_TIMEOUT_MS, maxPending: 1 });
    this.#unsubscribe = events.subscribe((event) => {
      if (event.type !== 'request.answered') this.#enqueue(event);
    });
  }

  /** Resolves when everything was delivered or dropped, or `graceMs` later. */
  async stop(graceMs: number): Promise<void> {
    this.#unsubscribe();
    const timer = this.#options.clock.setTimeout(() => void this.#deliverer.stop(), graceMs);
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

  /** Never rejects: an event that cannot be delivered is logged. */
  async #sendAll(): Promise<void> {
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) await this.#send(event);
    this.#isSending = false;
  }

  async #send(event: Stamped<EmulatorEvent>): Promise<void> {
    const { url, log } = this.#options;
    const outcome = await this.#deliverer.deliver({
      attempt: (signal) => post(url, event, signal),
      retryDelayMs: (failedAttempts) => RETRY_DELAYS_MS[failedAttempts - 1],
      onRetry: ({ answer: reason }) => log.debug('webhook.retry', { event: event.id, reason }),
    });
    if (!outcome || outcome.delivered) return;
    log.warn('webhook.dropped', { event: event.id, type: event.type, url, reason: outcome.answer });
  }
}

async function post(url: string, event: Stamped<EmulatorEvent>, signal: AbortSignal): Promise<Attempt> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event), signal });
  await response.body?.cancel();
  return { delivered: response.ok, answer: `status ${response.status}` };
}
