import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EventType } from '../../events/events.ts';
import type { Journal } from './journal.ts';
import type { Notice } from './notice.ts';

export interface Question<Value> {
  /** Gets the last answer and the events since then, for calls that need only what is new. */
  readonly ask: (known: Value | undefined, since: ReadonlySet<EventType>) => Promise<Value>;
  /** Events after which it is asked again. */
  readonly refreshOn: readonly EventType[];
  /** How long after an answer it is asked again, for figures that change without an event. */
  readonly everyMs?: (answer: Value | undefined) => number | undefined;
}

export interface AnswerSources {
  readonly journal: Journal;
  readonly notice: Notice;
  readonly browserClock: Clock;
}

const NO_EVENTS: ReadonlySet<EventType> = new Set();

/** After a new connection there may be another emulator, with nothing of what was known. */
const ALL_CHANGED: ReadonlySet<EventType> = new Set(['emulator.reset']);

/** An answer of the control API, kept up to date between `start` and the call of what `start` returns. */
export class KeptAnswer<Value> {
  readonly #question: Question<Value>;
  readonly #sources: AnswerSources;
  readonly #value = signal<Value | undefined>(undefined);
  /** One question after the other, so that a late answer does not replace a newer one. */
  #asked = Promise.resolve();
  #timer: Timer | undefined;
  #isStarted = false;

  constructor(question: Question<Value>, sources: AnswerSources) {
    this.#question = question;
    this.#sources = sources;
  }

  /** Undefined until the first answer. */
  get value(): ReadonlySignal<Value | undefined> {
    return this.#value;
  }

  /** Asks now, after every new connection, after events, and by time. */
  start(): () => void {
    const { journal } = this.#sources;
    const { refreshOn } = this.#question;
    this.#isStarted = true;
    const unsubscribe = journal.subscribe((types) => {
      if (refreshOn.some((type) => types.has(type))) this.refresh(types);
    });
    const disconnect = journal.connection.subscribe((connection) => {
      if (connection === 'open') this.refresh(ALL_CHANGED);
    });
    return () => {
      this.#isStarted = false;
      this.#timer?.cancel();
      unsubscribe();
      disconnect();
    };
  }

  refresh(since = NO_EVENTS): Promise<void> {
    this.#asked = this.#asked.then(() => this.#ask(since));
    return this.#asked;
  }

  async #ask(since: ReadonlySet<EventType>): Promise<void> {
    const { journal, notice, browserClock } = this.#sources;
    if (!this.#isStarted) return;
    this.#timer?.cancel();
    // While the connection is lost, the banner says so, and a new connection asks again.
    if (journal.connection.peek() === 'lost') return;
    await notice.attempt(async () => {
      const answer = await this.#question.ask(this.#value.peek(), since);
      if (this.#isStarted) this.#value.value = answer;
    });
    const delayMs = this.#question.everyMs?.(this.#value.peek());
    if (delayMs !== undefined && this.#isStarted) {
      this.#timer = browserClock.setTimeout(() => this.refresh(), delayMs);
    }
  }
}
