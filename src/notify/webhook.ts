import type { Clock } from '../base/clock.ts';
import { type Attempt, Deliverer } from '../base/deliverer.ts';
import type { Log } from '../base/log.ts';
import { RecentEntries } from '../base/recent-entries.ts';
import { textSizeBytes } from '../base/text-size.ts';
import type { EmulatorEvent, Events, EventType, Stamped } from '../events/events.ts';
import type { SendOutgoing } from '../http/outgoing.ts';

/** Further events replace the oldest, so that a receiver that is down costs a bounded amount of memory. */
const QUEUE_BOUNDS = { maxEntries: 1_000, maxBytes: 4 * 1024 * 1024 };
const ATTEMPT_TIMEOUT_MS = 5_000;
/** Of an answer, which nobody looks at; with more, the connection is closed. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Waits before the second and the third attempt; after that the event is dropped. */
const RETRY_DELAYS_MS = [200, 1_000];

export interface WebhookOptions {
  readonly url: string;
  readonly events: Events;
  readonly log: Log;
  /** The real time, because the receiver does not follow the emulator's clock. */
  readonly clock: Clock;
  readonly send: SendOutgoing;
}

interface QueuedEvent {
  readonly id: number;
  readonly type: EventType;
  readonly json: string;
}

/**
 * Posts every event as a separate JSON document, one after the other in their order, REST requests left out. A receiver
 * answers with any 2xx; an event that it refuses three times is dropped.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #queue = new RecentEntries<QueuedEvent>(QUEUE_BOUNDS);
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
    const { id, type } = event;
    const json = JSON.stringify(event);
    const dropped = this.#queue.add({ id, type, json }, textSizeBytes(json));
    for (const each of dropped) this.#options.log.warn('webhook.overflow', { dropped: each.id });
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  /** Never rejects: an event that cannot be delivered is logged. */
  async #sendAll(): Promise<void> {
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) await this.#send(event);
    this.#isSending = false;
  }

  async #send(event: QueuedEvent): Promise<void> {
    const { url, log } = this.#options;
    const outcome = await this.#deliverer.deliver({
      attempt: (signal) => this.#post(event.json, signal),
      retryDelayMs: (failedAttempts) => RETRY_DELAYS_MS[failedAttempts - 1],
      onRetry: ({ answer: reason }) => log.debug('webhook.retry', { event: event.id, reason }),
    });
    if (!outcome || outcome.delivered) return;
    const { origin, pathname } = new URL(url);
    log.warn('webhook.dropped', { event: event.id, type: event.type, url: origin + pathname, reason: outcome.answer });
  }

  async #post(json: string, signal: AbortSignal): Promise<Attempt> {
    const { url, send } = this.#options;
    const headers = { 'content-type': 'application/json' };
    const body = Buffer.from(json);
    const { status } = await send({ url: new URL(url), method: 'POST', headers, body }, signal, MAX_ANSWER_BYTES);
    return { delivered: status >= 200 && status < 300, answer: `status ${status}` };
  }
}
