/**
 * Time as an input. Nobody else in the project reads the wall clock or sets a timer, so that a test (or, later, a user)
 * can hold the time still, move it, and see expiries and idle timeouts follow.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds of this clock from now. */
  setTimeout(callback: () => void, delayMs: number): Timer;
}

export interface Timer {
  cancel(): void;
}

/** The real time. Its timers never keep the process alive on their own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * A clock that stands still until it is told to move.
 *
 * @example
 * const clock = new ManualClock(Date.UTC(2025, 0, 1));
 * const emulator = await startEmulator({ clock });
 * clock.advance(60_000);
 * await emulator.stop();
 */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #pending = new Set<{ dueMs: number; callback: () => void }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#pending.add(entry);
    return { cancel: () => this.#pending.delete(entry) };
  }

  /** Moves forward and fires, in order of their due time, every timer that falls due on the way. */
  advance(ms: number): void {
    const targetMs = this.#nowMs + ms;
    for (let next = this.#earliest(targetMs); next; next = this.#earliest(targetMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = targetMs;
  }

  /** Jumps to a point in time. Timers that fall due on the way fire; going back fires none. */
  set(ms: number): void {
    if (ms >= this.#nowMs) this.advance(ms - this.#nowMs);
    else this.#nowMs = ms;
  }

  #earliest(untilMs: number): { dueMs: number; callback: () => void } | undefined {
    let earliest: { dueMs: number; callback: () => void } | undefined;
    for (const entry of this.#pending) {
      if (entry.dueMs <= untilMs && (!earliest || entry.dueMs < earliest.dueMs)) earliest = entry;
    }
    return earliest;
  }
}
