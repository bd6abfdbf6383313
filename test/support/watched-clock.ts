import { type Clock, ManualClock, type Timer } from '../../src/base/clock.ts';

/** A manual clock that reports when a timer was set, so that a test knows when to advance it. */
export class WatchedClock implements Clock {
  readonly #clock: ManualClock;
  readonly #waiting = new Set<{ readonly delayMs: number; readonly resolve: () => void }>();

  constructor(startMs: number) {
    this.#clock = new ManualClock(startMs);
  }

  now(): number {
    return this.#clock.now();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = this.#clock.setTimeout(callback, delayMs);
    for (const entry of [...this.#waiting]) {
      if (entry.delayMs !== delayMs) continue;
      this.#waiting.delete(entry);
      entry.resolve();
    }
    return timer;
  }

  advance(ms: number): void {
    this.#clock.advance(ms);
  }

  /** Resolves when the next timer of this delay is set. */
  timerSet(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add({ delayMs, resolve });
    });
  }
}
