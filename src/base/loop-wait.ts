/**
 * How long the event loop lets everything wait. What a request or a push waits for is turns of the loop: its bytes are
 * read in one, its files are opened in another.
 */
import { type Clock, startStopwatch, type Timer } from './clock.ts';

export interface LoopWaitOptions {
  /** Real time. */
  readonly clock: Clock;
  /** Resolves after a turn of the event loop. */
  readonly turn: () => Promise<void>;
}

/**
 * So many long waits in a row are an overload. One or two may be a stall: a garbage collection, a slow disk, a laptop that
 * was asleep.
 */
export const WAITS_OF_OVERLOAD = 3;

/** What an upload takes, as measured. */
const TURNS = 10;
/** A measurement that takes longer ends after fewer turns, so that a long wait is noticed before it is over. */
const LONG_MEASUREMENT_MS = 2_000;
/** One of them may be a stall. */
const LEAST_TURNS = 3;
const PAUSE_MS = 1_000;
/** The same while nobody is there to wait, so that an emulator that nobody uses sleeps. */
const REST_MS = 5_000;

/** Measures from time to time, from `start` to `stop`, how long ten turns of the event loop take or would take. */
export class LoopWait {
  readonly #options: LoopWaitOptions;
  readonly #listeners: ((waitMs: number) => void)[] = [];
  #timer: Timer | undefined;
  #isStopped = false;
  #latestMs = 0;
  #isUsed: () => boolean = () => true;

  constructor(options: LoopWaitOptions) {
    this.#options = options;
  }

  /** The latest measurement, in milliseconds. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** From now on `listener` is called with each measurement. */
  onMeasured(listener: (waitMs: number) => void): void {
    this.#listeners.push(listener);
  }

  /** @param isUsed whether somebody may wait: then it is measured about once a second, otherwise every five */
  start(isUsed: () => boolean = () => true): void {
    this.#isUsed = isUsed;
    this.#measureLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #measureLater(): void {
    const pauseMs = this.#isUsed() ? PAUSE_MS : REST_MS;
    this.#timer = this.#options.clock.setTimeout(() => void this.#measure(), pauseMs);
  }

  async #measure(): Promise<void> {
    const { clock, turn } = this.#options;
    const elapsedMs = startStopwatch(clock);
    let turns = 0;
    while (turns < LEAST_TURNS || (turns < TURNS && elapsedMs() < LONG_MEASUREMENT_MS)) {
      await turn();
      turns += 1;
    }
    if (this.#isStopped) return;
    this.#latestMs = Math.round((elapsedMs() * TURNS) / turns);
    for (const listener of this.#listeners) listener(this.#latestMs);
    this.#measureLater();
  }
}
