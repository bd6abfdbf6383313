import type { Clock } from '../base/clock.ts';
import { errorTextAt } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { wait } from '../base/wait.ts';

/** How often a store that is away is asked whether it answers. */
const PROBE_MS = 1_000;
/** It answers again when nothing has failed for so long: one that answers now and then is away all the time. */
const QUIET_MS = 3_000;

export interface OutagesOptions {
  /** The component in the answer of `/ready`. */
  readonly store: 'metadata' | 'objects';
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
 * The outages of a store on the network: the log is told when each begins, and when it ends after how long. What fails meanwhile
 * because of it need not be told.
 */
export class Outages {
  readonly #options: OutagesOptions;
  readonly #ending = new AbortController();
  #isWatched = false;
  #present: Outage | undefined;

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
   * The store does not answer.
   * @param forMs since when already, in milliseconds
   */
  failed(error: unknown, forMs = 0): void {
    if (!this.#isWatched || this.#ending.signal.aborted) return;
    if (this.#present) {
      this.#present.answeredMs = undefined;
      return;
    }
    const { store, shown, advice, clock, log } = this.#options;
    this.#present = { beganMs: clock.elapsed() - forMs, answeredMs: undefined };
    log.warn('store.away', { store, at: shown, reason: errorTextAt(shown, error), advice });
    // It never rejects.
    this.#watch(this.#present);
  }

  close(): void {
    this.#ending.abort();
  }

  async #watch(outage: Outage): Promise<void> {
    const { clock, probe } = this.#options;
    const { signal } = this.#ending;
    for (;;) {
      await wait(clock, PROBE_MS, signal);
      const answers = await probe().then(
        () => true,
        () => false,
      );
      if (signal.aborted) return;
      const nowMs = clock.elapsed();
      outage.answeredMs = answers ? (outage.answeredMs ?? nowMs) : undefined;
      if (outage.answeredMs === undefined || nowMs - outage.answeredMs < QUIET_MS) continue;
      this.#end((outage.answeredMs - outage.beganMs) / 1000);
      return;
    }
  }

  #end(awaySec: number): void {
    const { store, shown, log } = this.#options;
    this.#present = undefined;
    log.warn('store.back', { store, at: shown, awaySec });
  }
}
