/**
 * Refuses requests while they would have to wait for too long. Media is read all the same: it cannot come later. How long
 * a request would wait is measured by turns of the event loop, which are all that a request waits for here: its bytes
 * are read in one, its files are opened in another. A single turn may be long when the machine is busy with something
 * else, so only a wait that lasts is an overload.
 */
import { type Clock, startStopwatch, type Timer } from '../base/clock.ts';

export interface RequestAdmissionOptions {
  /** Real time. */
  readonly clock: Clock;
  /** Resolves after a turn of the event loop. */
  readonly turn: () => Promise<void>;
  /** The longest wait, in which a request is admitted. 0 admits every request. */
  readonly maxWaitMs: number;
  /** Called for every request that is refused. */
  readonly onRefused: () => void;
}

/** What an upload takes, as measured. */
const TURNS_OF_A_REQUEST = 10;
const PAUSE_MS = 1_000;
/** So many waits in a row are an overload. */
const WAITS_OF_OVERLOAD = 3;
/** From one measurement to the next, while it is too long. */
const SHARE_ADMITTED = 0.7;
const GROWTH = 1.5;
/** Even then some are admitted, so that it shows when the wait has become shorter. */
const LEAST_ADMITTED = 4;
const MAX_RETRY_AFTER_SEC = 30;

/** Measures the wait from `start` to `stop`, and decides by it. */
export class RequestAdmission {
  readonly #options: RequestAdmissionOptions;
  #timer: Timer | undefined;
  #isStopped = false;
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

  start(): void {
    const { clock, maxWaitMs } = this.#options;
    if (maxWaitMs > 0) this.#timer = clock.setTimeout(() => void this.#measure(), PAUSE_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** How long a request waits at present. */
  get waitMs(): number {
    return this.#waitMs;
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

  async #measure(): Promise<void> {
    const { clock, turn } = this.#options;
    const elapsedMs = startStopwatch(clock);
    for (let count = 0; count < TURNS_OF_A_REQUEST; count++) await turn();
    if (this.#isStopped) return;
    this.#waitMs = elapsedMs();
    this.#decide();
    this.#admitted = 0;
    this.#refused = 0;
    this.start();
  }

  #decide(): void {
    if (this.#waitMs > this.#options.maxWaitMs) {
      this.#longWaits += 1;
      const share = Math.floor(this.#admitted * SHARE_ADMITTED);
      if (this.#longWaits >= WAITS_OF_OVERLOAD) this.#limit = Math.max(LEAST_ADMITTED, share);
      return;
    }
    this.#longWaits = 0;
    this.#limit = this.#refused === 0 ? Number.POSITIVE_INFINITY : Math.ceil(this.#limit * GROWTH);
  }
}
