import type { Clock, Timer } from '../base/clock.ts';

/** Three pictures at 30 per second: a fragment is listed that much later, and a stream is read ten times a second. */
const DELAY_MS = 100;
/**
 * Reading hundreds of streams in one turn of the loop takes tens of milliseconds, in which nothing else is served: a new
 * connection waits for a turn, and a request for several. Smaller groups cost more: forty streams in two, a tenth.
 */
const GROUP_SIZE = 100;
/** So many groups fill the delay, which then divides all streams evenly. */
const GROUPS = 8;

/** Connections that are woken together. */
interface Group {
  readonly wakes: (() => void)[];
  readonly dueMs: number;
  readonly timer: Timer;
}

/**
 * Delays the next read of a connection so that it finds more bytes: encoders send every packet as soon as they have it,
 * and a read costs the same for few bytes as for many. Connections are woken in groups, which costs less than one timer
 * each, and one group after the other.
 */
export class ReadingPace {
  readonly #clock: Clock;
  /** The first is due first; the last is being filled. */
  readonly #groups: Group[] = [];
  #waiting = 0;

  /** `clock` must run in real time: how often sockets are read does not depend on the emulated clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `wake` once, soon. */
  delay(wake: () => void): void {
    this.#waiting += 1;
    const last = this.#groups.at(-1);
    const isFull = last && last.wakes.length >= Math.max(GROUP_SIZE, this.#waiting / GROUPS);
    if (last && !isFull) last.wakes.push(wake);
    else this.#groups.push(this.#group(wake, last));
  }

  /** Wakes all now. Called when the emulated clock is moved: unread bytes would make a publisher look idle. */
  wakeAll(): void {
    for (const { timer } of this.#groups) timer.cancel();
    this.#wake(this.#groups.splice(0));
  }

  #group(wake: () => void, before: Group | undefined): Group {
    const nowMs = this.#clock.elapsed();
    const dueMs = Math.max(nowMs + DELAY_MS, before ? before.dueMs + DELAY_MS / GROUPS : 0);
    const timer = this.#clock.setTimeout(() => this.#wake(this.#groups.splice(0, 1)), dueMs - nowMs);
    return { wakes: [wake], dueMs, timer };
  }

  #wake(groups: readonly Group[]): void {
    for (const { wakes } of groups) {
      this.#waiting -= wakes.length;
      for (const wake of wakes) wake();
    }
  }
}
