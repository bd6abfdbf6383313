import type { Clock, Timer } from '../base/clock.ts';

/** The part of a clock that the protocol needs. */
export type Timers = Pick<Clock, 'setTimeout'>;

/** Silence is measured in this many steps, so that arriving data needs neither a timer nor the clock. */
const STEPS = 10;

/** Calls back once when nothing has arrived for `idleMs`, at most a tenth of it late. */
export class IdleWatch {
  readonly #timers: Timers;
  readonly #stepMs: number;
  readonly #onIdle: () => void;
  #timer: Timer | undefined;
  #silentSteps = 0;
  #suspended = false;
  #heard = false;

  constructor(timers: Timers, idleMs: number, onIdle: () => void) {
    this.#timers = timers;
    this.#stepMs = idleMs / STEPS;
    this.#onIdle = onIdle;
  }

  /** Begins to measure, again after a `stop`. */
  start(): void {
    this.#silentSteps = 0;
    this.#heard = true;
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Something arrived. */
  touch(): void {
    this.#heard = true;
  }

  /** Time does not count until `resume`. */
  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    this.#heard = true;
  }

  #step(): void {
    this.#silentSteps = this.#heard || this.#suspended ? 0 : this.#silentSteps + 1;
    this.#heard = false;
    if (this.#silentSteps === STEPS) this.#onIdle();
    else this.#schedule();
  }

  #schedule(): void {
    this.#timer = this.#timers.setTimeout(() => this.#step(), this.#stepMs);
  }
}
