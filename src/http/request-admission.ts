/**
 * Refuses requests while they would have to wait for too long. Media is read all the same: it cannot come later.
 */
import { WAITS_OF_OVERLOAD } from '../base/loop-wait.ts';

export interface RequestAdmissionOptions {
  /** The longest wait, in which a request is admitted. 0 admits every request. */
  readonly maxWaitMs: number;
  /** Called for every request that is refused. */
  readonly onRefused: () => void;
}

/** From one measurement to the next, while it is too long. */
const SHARE_ADMITTED = 0.7;
const GROWTH = 1.5;
/** Even then some are admitted, so that it shows when the wait has become shorter. */
const LEAST_ADMITTED = 4;
const MAX_RETRY_AFTER_SEC = 30;

/** Decides by what is measured of how long a request waits. */
export class RequestAdmission {
  readonly #options: RequestAdmissionOptions;
  #waitMs = 0;
  #longWaits = 0;
  /** Since the latest measurement. */
  #admitted = 0;
  #refused = 0;
  /** The most that are admitted until the next measurement. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(options: RequestAdmissionOptions) {
    this.#options = options;
  }

  /** When a refused client may come again. */
  get retryAfterSec(): number {
    return Math.min(MAX_RETRY_AFTER_SEC, Math.max(1, Math.ceil(this.#waitMs / 1000)));
  }

  /** Whether a request is to be worked on. */
  admit(): boolean {
    if (this.#admitted < this.#limit) {
      this.#admitted += 1;
      return true;
    }
    this.#refused += 1;
    this.#options.onRefused();
    return false;
  }

  /** So long a request waits at present. */
  measured(waitMs: number): void {
    const { maxWaitMs } = this.#options;
    this.#waitMs = waitMs;
    if (maxWaitMs > 0) this.#decide(waitMs > maxWaitMs);
    this.#admitted = 0;
    this.#refused = 0;
  }

  #decide(isLong: boolean): void {
    if (isLong) {
      this.#longWaits += 1;
      const share = Math.floor(this.#admitted * SHARE_ADMITTED);
      if (this.#longWaits >= WAITS_OF_OVERLOAD) this.#limit = Math.max(LEAST_ADMITTED, share);
      return;
    }
    this.#longWaits = 0;
    this.#limit = this.#refused === 0 ? Number.POSITIVE_INFINITY : Math.ceil(this.#limit * GROWTH);
  }
}
