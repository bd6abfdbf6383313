import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EventType } from '../../events/events.ts';
import type { Connection, JournalEvent } from './journal.ts';
import type { Notice } from './notice.ts';

export interface Question<Value> {
  /** Gets the last answer and the events since then, for calls that need only what is new. */
  readonly ask: (known: Value | undefined, since: ReadonlySet<EventType>) => Promise<Value>;
  /** Events after which the call is repeated. */
  readonly refreshOn: readonly EventType[];
  /** For types of which few events matter: whether the answer may be another one after this event. */
  readonly changesBy?: (event: JournalEvent) => boolean;
  /** How long after an answer the call is repeated, for figures that change without an event; later on a slow link. */
  readonly everyMs?: (answer: Value | undefined) => number | undefined;
}

export interface AnswerSources {
  readonly journal: {
    readonly connection: ReadonlySignal<Connection>;
    subscribe(listener: (events: readonly JournalEvent[]) => void): () => void;
  };
  readonly notice: Pick<Notice, 'attempt'>;
  readonly browserClock: Clock;
}

const NO_EVENTS: ReadonlySet<EventType> = new Set();

/** A new connection may be to another emulator, which has none of the old data. */
const ALL_CHANGED: ReadonlySet<EventType> = new Set(['emulator.reset']);

/** An answer of the control API, kept up to date from `start` until the function that `start` returns is called. */
export class KeptAnswer<Value> {
  readonly #question: Question<Value>;
  readonly #sources: AnswerSources;
  readonly #latest = signal<Value | undefined>(undefined);
  /** Resolves after the last call. One call follows the other, so that a late answer does not replace a newer one. */
  #asked = Promise.resolve();
  /** The events before the next call, while it waits for the one before it. */
  #waiting: Set<EventType> | undefined;
  #timer: Timer | undefined;
  #isStarted = false;

  constructor(question: Question<Value>, sources: AnswerSources) {
    this.#question = question;
    this.#sources = sources;
  }

  /** Undefined until the first answer. Components and effects that read it follow it. */
  get value(): Value | undefined {
    return this.#latest.value;
  }

  /** Asks after every new connection, after events and by time. */
  start(): () => void {
    const { journal } = this.#sources;
    const { refreshOn, changesBy = () => false } = this.#question;
    this.#isStarted = true;
    const unsubscribe = journal.subscribe((events) => {
      const isChanged = events.some((event) => refreshOn.includes(event.type) || changesBy(event));
      if (isChanged) this.refresh(new Set(events.map(({ type }) => type)));
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

  /** Resolves after a call that began later than this. */
  refresh(since = NO_EVENTS): Promise<void> {
    if (this.#waiting) {
      for (const type of since) this.#waiting.add(type);
      return this.#asked;
    }
    const waiting = new Set(since);
    this.#waiting = waiting;
    this.#asked = this.#asked.then(() => {
      this.#waiting = undefined;
      return this.#ask(waiting);
    });
    return this.#asked;
  }

  async #ask(since: ReadonlySet<EventType>): Promise<void> {
    const { journal, notice, browserClock } = this.#sources;
    if (!this.#isStarted) return;
    this.#timer?.cancel();
    // The banner already shows that the connection is lost, and the next connection asks again.
    if (journal.connection.peek() === 'lost') return;
    const askedAtMs = browserClock.now();
    await notice.attempt(async () => {
      const answer = await this.#question.ask(this.#latest.peek(), since);
      if (this.#isStarted) this.#latest.value = answer;
    });
    const delayMs = this.#question.everyMs?.(this.#latest.peek());
    if (delayMs === undefined || !this.#isStarted) return;
    // Calls that are repeated leave at least half of the time to the others.
    const tookMs = browserClock.now() - askedAtMs;
    this.#timer = browserClock.setTimeout(() => this.refresh(), Math.max(delayMs, tookMs));
  }
}
