import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import { DeadLetters } from './dead-letters.ts';
import type { NotifyStrategy, PublishedMessage, Subscription } from './model.ts';
import { notificationBody, pushRequest } from './notification.ts';
import { post } from './post.ts';
import type { Queue } from './queue.ts';

/** Source: NotifyStrategy page of MNS: three tries 10 to 20 s apart at random; here the middle of it, to rely on. */
const BACKOFF = { retries: 3, delayMs: 15_000 };
/** Source: the same page: 1, 2, 4 … 512 s, 176 tries, which is a day. */
const EXPONENTIAL_DECAY = { retries: 176, maxDelayMs: 512_000 };
/** Messages on their way to HTTP subscribers, waiting for another try included. Past this a message is given up. */
const MAX_PENDING = 1_000;

/** Pushes at a time. */
const MAX_IN_FLIGHT = 16;

export interface DeliveriesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly accountId: string;
  readonly privateKeyPem: () => Promise<string>;
}

/** How long to wait after the n-th failed attempt, from 1; undefined when there is no other. */
export function retryDelayMs(strategy: NotifyStrategy, failedAttempts: number): number | undefined {
  if (strategy === 'BACKOFF_RETRY') return failedAttempts <= BACKOFF.retries ? BACKOFF.delayMs : undefined;
  if (failedAttempts > EXPONENTIAL_DECAY.retries) return undefined;
  return Math.min(1000 * 2 ** (failedAttempts - 1), EXPONENTIAL_DECAY.maxDelayMs);
}

/** Brings messages to their subscribers, each until it arrived or is given up. */
export class Deliveries {
  readonly deadLetters = new DeadLetters();
  readonly #deps: DeliveriesDeps;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #inFlight = 0;
  readonly #waitingForTurn: (() => void)[] = [];

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** @param unsubscribed aborts when the subscription is deleted, and with it the tries to come */
  deliver(message: PublishedMessage, subscription: Subscription, unsubscribed: AbortSignal): void {
    if (this.#running.size >= MAX_PENDING) {
      this.#giveUp(message, subscription, 0, `${MAX_PENDING} messages are on their way already`);
      return;
    }
    const signal = AbortSignal.any([this.#stopped.signal, unsubscribed]);
    const done = this.#run(message, subscription, signal).finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  /** To a queue; undefined when there is none of the name subscribed. */
  enqueue(message: PublishedMessage, subscription: Subscription, queue: Queue | undefined): void {
    const { events, accountId } = this.#deps;
    if (!queue) {
      this.#giveUp(message, subscription, 1, `there is no queue behind ${subscription.endpoint}`);
      return;
    }
    queue.send({ body: notificationBody(message, subscription, accountId) });
    events.emit({ type: 'notification.delivered', ...about(message, subscription), attempts: 1 });
  }

  /** Drops what is on its way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  async #run(message: PublishedMessage, subscription: Subscription, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#inTurn(() => this.#attempt(message, subscription, signal));
      if (signal.aborted) return;
      if (failure === undefined) {
        this.#deps.events.emit({ type: 'notification.delivered', ...about(message, subscription), attempts: attempt });
        return;
      }
      const delayMs = retryDelayMs(subscription.strategy, attempt);
      if (delayMs === undefined) {
        this.#giveUp(message, subscription, attempt, failure);
        return;
      }
      this.#deps.log.info('notification.retry', { ...about(message, subscription), attempt, delayMs, reason: failure });
      await this.#pause(delayMs, signal);
    }
  }

  async #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.#inFlight < MAX_IN_FLIGHT) this.#inFlight++;
    else await new Promise<void>((resolve) => this.#waitingForTurn.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#waitingForTurn.shift();
      if (next) next();
      else this.#inFlight--;
    }
  }

  /** Resolves to why it failed, or undefined. */
  async #attempt(
    message: PublishedMessage,
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (signal.aborted) return undefined;
    const { clock, accountId, privateKeyPem } = this.#deps;
    try {
      const requestId = randomBytes(12).toString('hex').toUpperCase();
      const sender = { accountId, requestId, nowMs: clock.now(), privateKeyPem: await privateKeyPem() };
      const status = await post(pushRequest(message, subscription, sender), clock, signal);
      return status >= 200 && status < 300 ? undefined : `the subscriber answered ${status}`;
    } catch (error) {
      return errorText(error);
    }
  }

  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#deps.clock.setTimeout(done, delayMs);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }

  #giveUp(message: PublishedMessage, subscription: Subscription, attempts: number, reason: string): void {
    const { clock, log, events } = this.#deps;
    this.deadLetters.add({ message, subscription, attempts, reason, droppedMs: clock.now() });
    const fields = { ...about(message, subscription), attempts, reason };
    log.warn('notification.dead-letter', fields);
    events.emit({ type: 'notification.dead-letter', ...fields });
  }
}

function about(
  message: PublishedMessage,
  { topic, name }: Subscription,
): { topic: string; subscription: string; messageId: string } {
  return { topic, subscription: name, messageId: message.id };
}
