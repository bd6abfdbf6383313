import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import { CallFailed } from '../call-failed.ts';
import { AnsweredByOther, NoAnswerInTime, Unanswered, Unreachable } from '../contact.ts';

const SHOWN_MS = 8_000;
/** What the page says by its banner. */
const SILENCES = [NoAnswerInTime, Unreachable, AnsweredByOther];

/**
 * Sentences for the user: what did not work, or what was done to something that is not shown any more. The latest is there for some
 * time; one that tells of a change of which nobody knows whether it is done is there until it is dismissed.
 */
export class Notice {
  readonly #clock: Clock;
  readonly #kept = signal<readonly string[]>([]);
  readonly #passing = signal<string | undefined>(undefined);
  #timer: Timer | undefined;
  /** The passing one says that the emulator does not answer to a question. */
  #isOfSilence = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Each once. */
  readonly texts: ReadonlySignal<readonly string[]> = computed(() => {
    const passing = this.#passing.value;
    return [...this.#kept.value, ...(passing === undefined ? [] : [passing])];
  });

  show(text: string, shownMs = SHOWN_MS): void {
    this.#timer?.cancel();
    this.#isOfSilence = false;
    this.#passing.value = text;
    this.#timer = this.#clock.setTimeout(() => this.dismiss(text), shownMs);
  }

  /** Says why a call has failed. @param call what it does, where that is not shown any more */
  tell(error: CallFailed, call?: string): void {
    const text = call === undefined ? error.message : `${call}: ${error.message}`;
    if (error instanceof Unanswered && error.mayBeDone) this.#kept.value = [...this.#without(text), text];
    else {
      // The same of a change, which is shown, says more than that of a question.
      const isOfChange = this.#passing.peek() === text && !this.#isOfSilence;
      this.show(text);
      this.#isOfSilence =
        !isOfChange &&
        SILENCES.some((silence) => error instanceof silence) &&
        !(error instanceof Unreachable && error.mayBeDone);
    }
  }

  /** The emulator answers again, or the page says that it does not: what says so is over. */
  endSilence(): void {
    if (this.#isOfSilence) this.#passing.value = undefined;
  }

  dismiss(text: string): void {
    this.#kept.value = this.#without(text);
    if (this.#passing.peek() === text) this.#passing.value = undefined;
  }

  /** Does something, and shows the reason when the emulator refuses it. @throws any other error, which is a bug */
  async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      this.tell(error);
    }
  }

  #without(text: string): readonly string[] {
    return this.#kept.peek().filter((other) => other !== text);
  }
}
