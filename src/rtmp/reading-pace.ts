import type { Timers } from './timers.ts';

/** Three pictures at 30 per second: a fragment is listed that much later, and a stream is read ten times a second. */
const DELAY_MS = 100;

/**
 * Delays the next read of a connection so that it finds more bytes: encoders send every packet as soon as they have it,
 * and a read costs the same for few bytes as for many. All connections are woken together, which costs less than one
 * timer each.
 */
export class ReadingPace {
  readonly #timers: Timers;
  #delayed: (() => void)[] = [];

  /** `timers` must run in real time: how often sockets are read does not depend on the emulated clock. */
  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Calls `wake` once, soon. */
  delay(wake: () => void): void {
    if (this.#delayed.push(wake) === 1) this.#timers.setTimeout(() => this.wakeAll(), DELAY_MS);
  }

  /** Wakes all now. Called when the emulated clock is moved: unread bytes would make a publisher look idle. */
  wakeAll(): void {
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const wake of delayed) wake();
  }
}
