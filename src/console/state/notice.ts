import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import { CallFailed } from '../call-failed.ts';

const SHOWN_MS = 8_000;

/** One sentence for the user: what did not work, or what was done to something that is not shown any more. */
export class Notice {
  readonly #clock: Clock;
  readonly #text = signal<string | undefined>(undefined);
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get text(): ReadonlySignal<string | undefined> {
    return this.#text;
  }

  show(text: string, shownMs = SHOWN_MS): void {
    this.#timer?.cancel();
    this.#text.value = text;
    this.#timer = this.#clock.setTimeout(() => this.dismiss(), shownMs);
  }

  dismiss(): void {
    this.#text.value = undefined;
  }

  /** Does something, and shows the reason when the emulator refuses it. @throws any other error, which is a bug */
  async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      this.show(error.message);
    }
  }
}
