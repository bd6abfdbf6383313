import { checkDateRange } from './date-range.ts';

/**
 * Time as an input. All other code reads the time and sets timers through it, so that a test or a user
 * can stop the time and move it, and expiries and idle timeouts follow.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number;
  /**
   * How many milliseconds have passed since some moment in the past. Setting the time back or forward by hand is no
   * passing of time: only what waits for a delay would notice it too. Differences of it are lengths of time.
   */
  elapsed(): number;
  /** Calls `callback` once, `delayMs` milliseconds of this clock from now. */
  setTimeout(callback: () => void, delayMs: number): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Measures from now on: returns how many milliseconds have passed, whatever was done to the time. */
export function startStopwatch(clock: Clock): () => number {
  const startMs = clock.elapsed();
  return () => clock.elapsed() - startMs;
}

/** Node makes 1 ms of a longer delay. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The real time. The process may end while timers are pending. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.now()),
  setTimeout(callback, delayMs) {
    let handle: NodeJS.Timeout | undefined;
    const arm = (leftMs: number) => {
      handle =
        leftMs > MAX_DELAY_MS
          ? setTimeout(() => arm(leftMs - MAX_DELAY_MS), MAX_DELAY_MS)
          : setTimeout(callback, leftMs);
      handle.unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Until the returned function is called the process does not end: for a wait at the start, when nothing else is open. */
export function keepProcessAlive(): () => void {
  const handle = setInterval(() => {}, MAX_DELAY_MS);
  return () => clearInterval(handle);
}

/**
 * A clock that stands still until `advance` or `set` is called.
 *
 * @example
 * const clock = new ManualClock(Date.UTC(2025, 0, 1));
 * const emulator = await startEmulator({ clock });
 * clock.advance(60_000);
 * await emulator.stop();
 */
export class ManualClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  readonly #pending = new Set<{ dueMs: number; callback: () => void }>();

  /** @throws UsageError when the time is outside of the range of dates */
  constructor(startMs: number) {
    this.#nowMs = checkDateRange(startMs);
  }

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#pending.add(entry);
    return { cancel: () => this.#pending.delete(entry) };
  }

  /**
   * Moves forward and fires every timer that becomes due, in the order of their due times.
   * @throws UsageError when the new time is outside of the range of dates
   */
  advance(ms: number): void {
    const aheadMs = this.#nowMs - this.#elapsedMs;
    const targetMs = checkDateRange(this.#nowMs + ms);
    const untilMs = targetMs - aheadMs;
    for (let next = this.#earliest(untilMs); next; next = this.#earliest(untilMs)) {
      this.#pending.delete(next);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#nowMs = this.#elapsedMs + aheadMs;
      next.callback();
    }
    this.#elapsedMs = untilMs;
    this.#nowMs = targetMs;
  }

  /**
   * Moves to a point in time. Timers that become due fire; when it moves back, none does, and delays keep their length.
   * @throws UsageError when it is outside of the range of dates
   */
  set(ms: number): void {
    if (ms >= this.#nowMs) this.advance(ms - this.#nowMs);
    else this.#nowMs = checkDateRange(ms);
  }

  #earliest(untilMs: number): { dueMs: number; callback: () => void } | undefined {
    let earliest: { dueMs: number; callback: () => void } | undefined;
    for (const entry of this.#pending) {
      if (entry.dueMs <= untilMs && (!earliest || entry.dueMs < earliest.dueMs)) earliest = entry;
    }
    return earliest;
  }
}
