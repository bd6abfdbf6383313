import type { Clock, Timer } from './clock.ts';

/** Smaller differences are those of one measurement to the next. */
const TOLERANCE_MS = 20;

/**
 * A clock that shows the time of another machine, and passes as the one below it:
 * of several nodes all have the same time.
 */
export class FollowingClock implements Clock {
  readonly #base: Clock;
  #aheadMs = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#aheadMs;
  }

  elapsed(): number {
    return this.#base.elapsed();
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    return this.#base.setTimeout(callback, delayMs);
  }

  /** The time of the other machine is ahead of the clock below by so much. */
  follow(aheadMs: number): void {
    if (Math.abs(aheadMs - this.#aheadMs) > TOLERANCE_MS) this.#aheadMs = Math.round(aheadMs);
  }
}
