import { type Clock, startStopwatch } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Log, LogFields } from '../../base/log.ts';
import { wait } from '../../base/wait.ts';
import { LeaseLost } from '../leases/lease-lost.ts';
import { isOutage, logFailure } from '../machine-fault.ts';

/** Short, because the history lacks a push until its end is written. */
export const RETRY_DELAY_MS = 250;

/** The repetitions that began since the last `drop`. */
interface Round {
  readonly ending: AbortController;
  isDropped: boolean;
}

/**
 * Writes about what has already happened, so that they cannot be refused: that a push has ended, that a recording is
 * complete. When the store cannot write, e.g. on a full disk, each is repeated until it succeeds. There is at most one for
 * each push or recording, and none begins while the store cannot write.
 */
export class PendingWrites {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #repeated = new Set<Promise<void>>();
  #round: Round = { ending: new AbortController(), isDropped: false };

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Resolves after the first attempt, and never rejects: whoever ends a push does not wait for the disk.
   * @param write may be called again after it has failed at any place
   */
  async make(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (this.#isRefused(what, error)) return;
      logFailure(this.#log, 'error', error, 'write.failed', failure(what, error));
      const repeated = this.#repeat(what, write, error, this.#round).finally(() => this.#repeated.delete(repeated));
      this.#repeated.add(repeated);
    }
  }

  /** Repeats what is pending once more, and gives up what fails: the next start mends it. */
  async stop(): Promise<void> {
    this.#round.ending.abort();
    await Promise.all(this.#repeated);
  }

  /** Gives up what is pending, because everything it is about is being deleted. */
  async drop(): Promise<void> {
    const round = this.#round;
    this.#round = { ending: new AbortController(), isDropped: false };
    round.isDropped = true;
    round.ending.abort();
    await Promise.all(this.#repeated);
  }

  async #repeat(what: string, write: () => Promise<void>, first: unknown, round: Round): Promise<void> {
    const { signal } = round.ending;
    // Told at `debug`: the outage of a store has been told.
    let isQuiet = await isOutage(first);
    let attemptMs = 0;
    for (;;) {
      // While another program locks the database, an attempt stops the process for seconds: leave it as much time.
      await wait(this.#clock, RETRY_DELAY_MS + attemptMs, signal);
      if (round.isDropped) return;
      const isLast = signal.aborted;
      const passedMs = startStopwatch(this.#clock);
      try {
        await write();
        this.#log[isQuiet ? 'debug' : 'info']('write.repeated', { what });
        return;
      } catch (error) {
        if (this.#isRefused(what, error)) return;
        attemptMs = passedMs();
        // The outage is over, and something else is in the way.
        const isKnown = await isOutage(error);
        if (isQuiet && !isKnown) this.#log.error('write.failed', failure(what, error));
        isQuiet &&= isKnown;
        if (!isLast) continue;
        this.#log.error('write.given-up', { what, error: errorText(error), advice: 'the next start mends it' });
        return;
      }
    }
  }

  /** The store can write, but not this: the bucket is gone, or another node goes on with the push. */
  #isRefused(what: string, error: unknown): boolean {
    if (!(error instanceof OssError || error instanceof LeaseLost)) return false;
    this.#log.error('write.refused', { what, error: errorText(error) });
    return true;
  }
}

function failure(what: string, error: unknown): LogFields {
  return { what, error: errorText(error), advice: 'it is repeated until it succeeds' };
}
