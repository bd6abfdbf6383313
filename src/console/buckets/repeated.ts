import { signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import { CallFailed } from '../call-failed.ts';
import { NoAnswerInTime } from '../contact.ts';
import { RestRefused } from './rest-refused.ts';

/** A long upload changes a bucket many times in a second. */
const SHORTEST_INTERVAL_MS = 1_000;

export interface RestState<Value> {
  /** Undefined before the first answer, and after a refusal. */
  readonly value: Value | undefined;
  readonly refusal: RestRefused | undefined;
}

/** An answer that is asked for again when it may have changed: one call at a time, and not too often. */
export class Repeated<Value> {
  readonly state = signal<RestState<Value>>({ value: undefined, refusal: undefined });
  readonly #ask: () => Promise<Value>;
  readonly #clock: Clock;
  readonly #onLate: (error: NoAnswerInTime) => void;
  #isBusy = false;
  #isStale = false;
  #isEnded = false;
  #timer: Timer | undefined;

  constructor(ask: () => Promise<Value>, clock: Clock, onLate: (error: NoAnswerInTime) => void) {
    this.#ask = ask;
    this.#clock = clock;
    this.#onLate = onLate;
  }

  refresh(): void {
    this.#isStale = true;
    if (!this.#isBusy) void this.#run();
  }

  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    this.#isStale = false;
    const state = await this.#answer();
    if (this.#isEnded) return;
    if (state) this.state.value = state;
    this.#timer = this.#clock.setTimeout(() => {
      this.#isBusy = false;
      if (this.#isStale) this.refresh();
    }, SHORTEST_INTERVAL_MS);
  }

  /** Undefined when the emulator does not answer: the banner says so, and what is shown stays. */
  async #answer(): Promise<RestState<Value> | undefined> {
    try {
      return { value: await this.#ask(), refusal: undefined };
    } catch (error) {
      if (error instanceof RestRefused) return { value: undefined, refusal: error };
      if (error instanceof NoAnswerInTime) {
        // It may answer others: then no banner says so.
        this.#onLate(error);
        this.#isStale = true;
      }
      if (error instanceof CallFailed) return undefined;
      throw error;
    }
  }
}
