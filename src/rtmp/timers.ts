import type { Clock, Timer } from '../base/clock.ts';

/** The part of a clock that the protocol needs. */
export type Timers = Pick<Clock, 'setTimeout'>;

/** The silence is measured in this many steps, so that traffic sets no timer and costs no look at a clock. */
const STEPS = 10;

/** Notices silence: calls back once, between `idleMs` and a tenth more after the last sign of life. */
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

  start(): void {
    this.#timer = this.#timers.setTimeout(() => this.#step(), this.#stepMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** A sign of life. */
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
    else this.start();
  }
}
