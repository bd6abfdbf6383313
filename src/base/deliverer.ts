import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Clock } from './clock.ts';
import { causeText } from './error-text.ts';
import { wait } from './wait.ts';

/** The result of one attempt. */
export interface Attempt {
  readonly delivered: boolean;
  /** What the receiver answered, or why it did not. */
  readonly answer: string;
  /** There is no further attempt. */
  readonly isRefused?: boolean;
}

/** What may not be sent: a further attempt would be refused too, so none is made. */
export class DeliveryRefused extends Error {}

/** The result of the last attempt. */
export interface Outcome extends Attempt {
  readonly attempts: number;
}

export interface Delivery {
  /** Sends once; ends when the signal aborts. A rejection is a failed attempt. */
  readonly attempt: (signal: AbortSignal) => Promise<Attempt>;
  /** The wait after the n-th failed attempt, counted from 1; undefined when there is no further attempt. */
  readonly retryDelayMs: (failedAttempts: number) => number | undefined;
  readonly onRetry: (failed: Outcome, delayMs: number) => void;
}

export interface DelivererOptions {
  readonly clock: Clock;
  /** An attempt that takes longer has failed. */
  readonly timeoutMs: number;
  /** Deliveries at a time, those included that wait for their next attempt. */
  readonly maxPending: number;
  /** Attempts at a time; without it as many as there are deliveries. */
  readonly maxAttempts?: number;
}

/**
 * Makes deliveries to receivers that may be slow, absent or faulty, each until it succeeds or has no further attempt.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #pending = new Map<Promise<Outcome | undefined>, AbortController>();
  #isStopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#limit = pLimit(options.maxAttempts ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Starts a delivery. The promise resolves to undefined when the delivery was aborted, and never rejects.
   * @returns undefined when `maxPending` deliveries are under way; nothing has happened then
   */
  deliver(delivery: Delivery, signal?: AbortSignal): Promise<Outcome | undefined> | undefined {
    if (this.#pending.size >= this.#options.maxPending) return undefined;
    // Not AbortSignal.any: it leaves an entry at `signal`, which outlives the delivery, for each signal made from it.
    const aborter = new AbortController();
    const abort = () => aborter.abort();
    if (this.#isStopped || signal?.aborted) abort();
    if (signal) setMaxListeners(0, signal);
    signal?.addEventListener('abort', abort);
    const outcome = this.#run(delivery, aborter.signal).finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(outcome);
    });
    this.#pending.set(outcome, aborter);
    return outcome;
  }

  /** Aborts all deliveries; resolves when they have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const aborter of this.#pending.values()) aborter.abort();
    await Promise.all(this.#pending.keys());
  }

  async #run({ attempt, retryDelayMs, onRetry }: Delivery, signal: AbortSignal): Promise<Outcome | undefined> {
    for (let attempts = 1; !signal.aborted; attempts++) {
      const result = await this.#limit(async () => (signal.aborted ? undefined : this.#attempt(attempt, signal)));
      if (!result || signal.aborted) break;
      const outcome = { ...result, attempts };
      const delayMs = result.delivered || result.isRefused ? undefined : retryDelayMs(attempts);
      if (delayMs === undefined) return outcome;
      onRetry(outcome, delayMs);
      await wait(this.#options.clock, delayMs, signal);
    }
    return undefined;
  }

  async #attempt(attempt: Delivery['attempt'], signal: AbortSignal): Promise<Attempt> {
    const { clock, timeoutMs } = this.#options;
    const late = new AbortController();
    const timer = clock.setTimeout(() => late.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    try {
      return await attempt(AbortSignal.any([late.signal, signal]));
    } catch (error) {
      const isRefused = error instanceof DeliveryRefused;
      return { delivered: false, answer: causeText(error), ...(isRefused && { isRefused }) };
    } finally {
      timer.cancel();
    }
  }
}
