/**
 * Refuses new pushes while those that go on are read late. Live media cannot wait: a push too many makes the fragments of
 * all late, and then their encoders drop pictures.
 */
import { WAITS_OF_OVERLOAD } from '../base/loop-wait.ts';
import type { PushRefusal } from './registry.ts';

export interface PushOverloadOptions {
  /** The longest wait, in which a push may begin. 0 lets every push begin. */
  readonly maxWaitMs: number;
  /** How many go on. */
  readonly countPushes: () => number;
}

/**
 * Fewer pushes are not what overloads a machine: ten of 2 Mbit/s take a few hundredths of a core. Then it is busy with
 * something else, as where many tests run at a time, and refusing pushes would help nobody.
 */
const PUSHES_OF_OVERLOAD = 10;

/** Decides by what is measured of how long the event loop lets everything wait. Pushes that go on are not concerned. */
export class PushOverload {
  readonly #options: PushOverloadOptions;
  #waitMs = 0;
  #longWaits = 0;

  constructor(options: PushOverloadOptions) {
    this.#options = options;
  }

  /** So long everything waits at present. */
  measured(waitMs: number): void {
    const { maxWaitMs } = this.#options;
    this.#waitMs = waitMs;
    this.#longWaits = maxWaitMs > 0 && waitMs > maxWaitMs ? this.#longWaits + 1 : 0;
  }

  /** What is answered to whoever wants to begin a push; undefined while pushes may begin. */
  get refusal(): PushRefusal | undefined {
    const pushes = this.#options.countPushes();
    if (this.#longWaits < WAITS_OF_OVERLOAD || pushes < PUSHES_OF_OVERLOAD) return undefined;
    return {
      description: 'Overloaded: no new pushes are taken, to protect those that go on. Connect again later.',
      reason:
        `overloaded, pushes that go on: ${pushes}; ten turns of the event loop took ${this.#waitMs} ms, and more than ` +
        `${this.#options.maxWaitMs} ms (--max-push-wait) ${this.#longWaits} times in a row`,
    };
  }
}
