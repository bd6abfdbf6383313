import type { Clock } from '../base/clock.ts';
import { errorTextAt, toError } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { wait } from '../base/wait.ts';

/** How often a store that is away is asked whether it answers. */
const PROBE_INTERVAL_MS = 1_000;
/** It answers again when nothing has failed for so long: one that answers now and then is away all the time. */
const QUIET_MS = 3_000;

/** What may be on another machine: the component in the answer of `/ready`. */
export type StoreName = 'metadata' | 'objects';

/** What a request to a store failed with. */
export interface StoreFault extends Error {
  /** The store has not answered, or only that it cannot at present. */
  readonly mayBeOutage: boolean;
  /** Whether it failed in an outage, of which the log is told; a promise while the store is asked. */
  outage: boolean | Promise<boolean>;
}

export interface OutagesOptions {
  readonly store: StoreName;
  /** Where it is, for people, without credentials. */
  readonly shown: string;
  readonly advice: string;
  /** Of the real time, in which a store is away. */
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when the store has answered, if only that it refuses; rejects when it does not, in a few seconds. */
  readonly probe: () => Promise<unknown>;
}

interface Outage {
  readonly beganMs: number;
  /** Since then the store has answered, and nothing has failed. */
  answeredMs: number | undefined;
}

/**
 * The outages of a store on the network: the log is told when each begins, and when it ends after how long. What fails because of
 * it need not be told. A request that got no answer is not an outage yet: the store is asked once more, because one connection
 * may have been lost, or one request may be slow.
 */
export class Outages {
  readonly #options: OutagesOptions;
  readonly #ending = new AbortController();
  #isWatched = false;
  /** After a first failure, until it is known whether the store answers. */
  #asking: Promise<boolean> | undefined;
  #present: Outage | undefined;
  /** When the store answered again after the last outage. */
  #answeredMs = -Infinity;

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#present !== undefined;
  }

  /** From now on the log is told. Before, the start fails, and says why itself. */
  begin(): void {
    this.#isWatched = true;
  }

  /**
   * A request has failed. When the store is away, or is found to be, or was when it was asked, the fault is marked as one of the
   * outage.
   * @param forMs since when the request was not answered, in milliseconds
   */
  failed(fault: StoreFault, forMs = 0): void {
    const beganMs = this.#options.clock.elapsed() - forMs;
    if (!fault.mayBeOutage) {
      fault.outage = this.#wasAway(beganMs) || (this.#asking ?? false);
      return;
    }
    // Also of a request that was begun before the store answered: it has been tried again since.
    if (this.#present) this.#present.answeredMs = undefined;
    fault.outage = this.ask(fault, forMs);
  }

  /**
   * Whether the store is away, after something has failed that may be because of that. It is asked, unless that is known.
   * @param reason what may be because of it; by default, what it says when it is asked
   * @param forMs since when there was no answer, in milliseconds
   */
  ask(reason?: Error, forMs = 0): boolean | Promise<boolean> {
    const beganMs = this.#options.clock.elapsed() - forMs;
    const wasAway = this.#wasAway(beganMs);
    if (this.isAway || !this.#isWatched || this.#ending.signal.aborted) return wasAway;
    this.#asking ??= this.#decide(reason, Math.max(beganMs, this.#answeredMs)).finally(() => {
      this.#asking = undefined;
    });
    return wasAway || this.#asking;
  }

  /** Now, or when something was asked that has failed now. */
  #wasAway(askedMs: number): boolean {
    return this.isAway || askedMs < this.#answeredMs;
  }

  /** The store is not asked any more; what waits for its answer is told at once. */
  close(): void {
    this.#ending.abort();
  }

  async #decide(reason: Error | undefined, beganMs: number): Promise<boolean> {
    const failure = await this.#failure();
    if (!failure || this.#ending.signal.aborted) return false;
    const { store, shown, advice, log } = this.#options;
    const outage: Outage = { beganMs, answeredMs: undefined };
    this.#present = outage;
    log.warn('store.away', { store, at: shown, reason: errorTextAt(shown, reason ?? failure), advice });
    // In the background.
    this.#watch(outage);
    return true;
  }

  async #watch(outage: Outage): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    for (;;) {
      await wait(clock, PROBE_INTERVAL_MS, signal);
      if (signal.aborted) return;
      const failure = await this.#failure();
      if (signal.aborted) return;
      const nowMs = clock.elapsed();
      outage.answeredMs = failure ? undefined : (outage.answeredMs ?? nowMs);
      if (outage.answeredMs === undefined || nowMs - outage.answeredMs < QUIET_MS) continue;
      this.#end(outage.beganMs, outage.answeredMs);
      return;
    }
  }

  /** What the store fails with when it is asked; nothing when it answers, and at the end of all questions. */
  #failure(): Promise<Error | undefined> {
    const { signal } = this.#ending;
    return new Promise((resolve) => {
      const settle = (failure?: Error) => {
        signal.removeEventListener('abort', stop);
        resolve(failure);
      };
      const stop = () => settle();
      signal.addEventListener('abort', stop);
      this.#options.probe().then(stop, (error) => settle(toError(error)));
    });
  }

  #end(beganMs: number, answeredMs: number): void {
    const { store, shown, log } = this.#options;
    this.#present = undefined;
    this.#answeredMs = answeredMs;
    log.warn('store.back', { store, at: shown, awaySec: (answeredMs - beganMs) / 1000 });
  }
}
