import type { Timers } from './timers.ts';

/** Three pictures at 30 per second: a fragment is listed that much later, and a stream is read ten times a second. */
const REST_MS = 100;

/**
 * Lets streams gather before they are read again: encoders send every packet as soon as they have it, and each read costs
 * the same, whatever its size. All who rest are woken together, which costs less than one at a time.
 */
export class ReadingPace {
  readonly #timers: Timers;
  #resting: (() => void)[] = [];

  /** `timers` run in real time: how often the machine looks at a socket is no matter of the emulated clock. */
  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Calls `wake` once, soon. */
  rest(wake: () => void): void {
    if (this.#resting.push(wake) === 1) this.#timers.setTimeout(() => this.wakeAll(), REST_MS);
  }

  /** Wakes them before their time: whoever moves the emulated clock does, lest streams fall silent by it. */
  wakeAll(): void {
    const resting = this.#resting;
    this.#resting = [];
    for (const wake of resting) wake();
  }
}
