import type { Clock } from '../../base/clock.ts';
import { type Attempt, Deliverer, type Outcome } from '../../base/deliverer.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import type { SendOutgoing } from '../../http/outgoing.ts';
import { newRequestId } from '../../http/request-id.ts';
import type { WaitingDeliveries } from '../../storage/waiting-deliveries.ts';
import { DeadLetters } from './dead-letters.ts';
import type { NotifyStrategy, PublishedMessage, Subscription } from './model.ts';
import { notificationBody, pushRequest } from './notification.ts';
import type { MnsQueue } from './queue.ts';

/**
 * Three retries, at the service 10 to 20 s apart at random; the emulator always waits 15 s. Source: NotifyStrategy page
 * of MNS.
 */
const BACKOFF = { retries: 3, delayMs: 15_000 };
/** Waits of 1, 2, 4 … 512 s and 176 retries, which is a day. Source: the same page. */
const EXPONENTIAL_DECAY = { retries: 176, maxDelayMs: 512_000 };
/** A subscriber that has not answered by then is tried again. Source: HttpEndpoint page of MNS. */
const TIMEOUT_MS = 5_000;
/**
 * Messages that are being delivered to HTTP subscribers, those included that wait for another attempt. Further ones
 * become dead letters.
 */
const MAX_PENDING = 1_000;
/** Of an answer, which nobody looks at; with more, the connection is closed. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Pushes at a time. */
const MAX_IN_FLIGHT = 16;

export interface DeliveriesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly accountId: string;
  readonly privateKeyPem: () => Promise<string>;
  readonly send: SendOutgoing;
  /** Where several nodes share their metadata. */
  readonly waiting?: WaitingDeliveries<WaitingPush> | undefined;
}

/** A message that its subscriber did not take yet. */
export interface WaitingPush {
  readonly message: PublishedMessage;
  readonly subscription: Subscription;
}

/** The wait after the n-th failed attempt, counted from 1; undefined when there is no further attempt. */
export function retryDelayMs(strategy: NotifyStrategy, failedAttempts: number): number | undefined {
  if (strategy === 'BACKOFF_RETRY') return failedAttempts <= BACKOFF.retries ? BACKOFF.delayMs : undefined;
  if (failedAttempts > EXPONENTIAL_DECAY.retries) return undefined;
  return Math.min(1000 * 2 ** (failedAttempts - 1), EXPONENTIAL_DECAY.maxDelayMs);
}

/** Delivers messages to their subscribers; messages that cannot be delivered become dead letters. */
export class Deliveries {
  readonly deadLetters = new DeadLetters();
  readonly #deps: DeliveriesDeps;
  readonly #deliverer: Deliverer;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    const { clock } = deps;
    this.#deliverer = new Deliverer({
      clock,
      timeoutMs: TIMEOUT_MS,
      maxPending: MAX_PENDING,
      maxAttempts: MAX_IN_FLIGHT,
    });
  }

  /** @param unsubscribed aborts when the subscription is deleted, which ends the delivery */
  deliver(message: PublishedMessage, subscription: Subscription, unsubscribed: AbortSignal): void {
    const { waiting } = this.#deps;
    const id = deliveryId(message, subscription);
    const ended = this.#deliverer.deliver(
      {
        attempt: (signal) => this.#push(message, subscription, signal),
        retryDelayMs: (failedAttempts) => retryDelayMs(subscription.strategy, failedAttempts),
        onRetry: ({ attempts: attempt, answer: reason }, delayMs) => {
          waiting?.keep(id, { message, subscription });
          this.#deps.log.info('notification.retry', { ...about(message, subscription), attempt, delayMs, reason });
        },
      },
      unsubscribed,
    );
    if (ended) {
      void ended.then((outcome) => {
        if (outcome || unsubscribed.aborted) waiting?.remove(id);
        // At a stop another node goes on with it.
        else waiting?.keep(id, { message, subscription });
        if (outcome) this.#conclude(message, subscription, outcome);
      });
    } else {
      waiting?.remove(id);
      this.#giveUp(message, subscription, 0, `${MAX_PENDING} messages are on their way already`);
    }
  }

  /**
   * Delivers to a queue; never rejects.
   * @param queue undefined when the subscription names a queue that does not exist
   */
  async enqueue(message: PublishedMessage, subscription: Subscription, queue: MnsQueue | undefined): Promise<void> {
    const { accountId } = this.#deps;
    if (!queue) {
      this.#giveUp(message, subscription, 1, `there is no queue behind ${subscription.endpoint}`);
      return;
    }
    try {
      await queue.send({ body: notificationBody(message, subscription, accountId) });
    } catch (error) {
      this.#giveUp(message, subscription, 1, errorText(error));
      return;
    }
    this.#conclude(message, subscription, { delivered: true, attempts: 1, answer: '' });
  }

  /** Aborts the deliveries under way. */
  stop(): Promise<void> {
    return this.#deliverer.stop();
  }

  /** Signs and sends once. */
  async #push(message: PublishedMessage, subscription: Subscription, signal: AbortSignal): Promise<Attempt> {
    const { clock, accountId, privateKeyPem, send } = this.#deps;
    const requestId = newRequestId();
    const sender = { accountId, requestId, nowMs: clock.now(), privateKeyPem: await privateKeyPem() };
    const { status } = await send(pushRequest(message, subscription, sender), signal, MAX_ANSWER_BYTES);
    return { delivered: status >= 200 && status < 300, answer: `the subscriber answered ${status}` };
  }

  #conclude(message: PublishedMessage, subscription: Subscription, { delivered, attempts, answer }: Outcome): void {
    if (!delivered) this.#giveUp(message, subscription, attempts, answer);
    else this.#deps.events.emit({ type: 'notification.delivered', ...about(message, subscription), attempts });
  }

  #giveUp(message: PublishedMessage, subscription: Subscription, attempts: number, reason: string): void {
    const { clock, log, events } = this.#deps;
    this.deadLetters.add({ message, subscription, attempts, reason, droppedMs: clock.now() });
    const fields = { ...about(message, subscription), attempts, reason };
    log.warn('notification.dead-letter', fields);
    events.emit({ type: 'notification.dead-letter', ...fields });
  }
}

/** Unique: no name has a slash. */
export function deliveryId({ id }: PublishedMessage, { topic, name }: Subscription): string {
  return `${id}/${topic}/${name}`;
}

function about(
  message: PublishedMessage,
  { topic, name }: Subscription,
): { topic: string; subscription: string; messageId: string } {
  return { topic, subscription: name, messageId: message.id };
}
