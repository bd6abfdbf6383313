import type { Clock, Timer } from '../base/clock.ts';

/**
 * Six pictures at 30 per second: a push that ends is seen that much later. The bytes of a stream of 4 Mbit/s that arrive
 * meanwhile fit in the receive buffer of its socket.
 */
const DELAY_MS = 200;
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
 * each, and one group after the other. One that must be read sooner is woken alone.
 */
export class ReadingPace {
  /** In real time: how often sockets are read does not depend on the emulated clock. */
  readonly clock: Clock;
  readonly #groups = new Set<Group>();
  /** The one that is being filled, or was filled last. */
  #last: Group | undefined;
  #waiting = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `wake` once: soon, and after `withinMs` milliseconds if that is sooner. */
  delay(wake: () => void, withinMs = Infinity): void {
    this.#waiting += 1;
    const nowMs = this.clock.elapsed();
    const group = this.#groupToFill();
    const dueMs = group?.dueMs ?? Math.max(nowMs + DELAY_MS, this.#last ? this.#last.dueMs + DELAY_MS / GROUPS : 0);
    if (withinMs < DELAY_MS || nowMs + withinMs < dueMs) this.#open(wake, nowMs + withinMs);
    else if (group) group.wakes.push(wake);
    else this.#last = this.#open(wake, dueMs);
  }

  /** Wakes all now. Called when the emulated clock is moved: unread bytes would make a publisher look idle. */
  wakeAll(): void {
    for (const group of [...this.#groups]) {
      group.timer.cancel();
      this.#wake(group);
    }
  }

  /** Undefined: the next one is to be opened. */
  #groupToFill(): Group | undefined {
    const isFull = this.#last && this.#last.wakes.length >= Math.max(GROUP_SIZE, this.#waiting / GROUPS);
    return isFull ? undefined : this.#last;
  }

  #open(wake: () => void, dueMs: number): Group {
    const timer = this.clock.setTimeout(() => this.#wake(group), dueMs - this.clock.elapsed());
    const group: Group = { wakes: [wake], dueMs, timer };
    this.#groups.add(group);
    return group;
  }

  #wake(group: Group): void {
    this.#groups.delete(group);
    if (group === this.#last) this.#last = undefined;
    this.#waiting -= group.wakes.length;
    for (const wake of group.wakes) wake();
  }
}
