import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../clock.ts';
import { CallFailed } from '../control-api.ts';

const SHOWN_MS = 8_000;

/** One sentence for the person at the page: what did not work. */
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

  show(text: string): void {
    this.#timer?.cancel();
    this.#text.value = text;
    this.#timer = this.#clock.setTimeout(() => this.dismiss(), SHOWN_MS);
  }

  dismiss(): void {
    this.#text.value = undefined;
  }

  /** Does something for which nobody waits; a refusal of the emulator is shown, anything else is a bug and is thrown. */
  attempt(action: () => Promise<void>): void {
    action().catch((error: unknown) => {
      if (!(error instanceof CallFailed)) throw error;
      this.show(error.message);
    });
  }
}
