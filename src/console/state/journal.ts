import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import type { EmulatorEvent, EventType, Stamped } from '../../events/events.ts';
import { type Contact, NoAnswerInTime } from '../contact.ts';
import type { Send } from '../send.ts';
import { followEvents } from './event-feed.ts';

export type Connection = 'connecting' | 'open' | 'lost';

/** That the emulator does not answer. */
export interface Loss {
  /** When it was last heard of, by the clock of the machine on which the page is shown. */
  readonly sinceMs: number;
  /** It takes requests and does not answer them; else it cannot be reached. */
  readonly isSilent: boolean;
}

export interface JournalDeps {
  readonly send: Send;
  readonly contact: Contact;
  /** Of the machine on which the page is shown. */
  readonly clock: Clock;
}

export type JournalEvent = Stamped<EmulatorEvent>;

/** Enough to read, and few enough to be filtered at every key that is typed. */
const CAPACITY = 5_000;

/** Events within this time are shown together. */
const BATCH_MS = 50;

/** They come every few seconds during every push. Listeners get them, the log does not keep them. */
const NOT_KEPT: readonly EventType[] = ['fragment.stored', 'live.slice-stored', 'playlist.written'];

/** The events of the emulator: first those it remembers, then each event when it happens. */
export class Journal {
  readonly #events = signal<readonly JournalEvent[]>([]);
  readonly #connection = signal<Connection>('connecting');
  readonly #loss = signal<Loss | undefined>(undefined);
  readonly #listeners = new Set<(events: readonly JournalEvent[]) => void>();
  readonly #clock: Clock;
  #batch: JournalEvent[] = [];

  constructor(url: string, { send, contact, clock }: JournalDeps) {
    this.#clock = clock;
    followEvents(url, {
      send,
      contact,
      clock,
      onOpen: () => {
        this.#loss.value = undefined;
        this.#connection.value = 'open';
      },
      onLost: (error) => {
        const sinceMs = this.#loss.peek()?.sinceMs ?? contact.lastMs;
        this.#loss.value = { sinceMs, isSilent: error instanceof NoAnswerInTime };
        this.#connection.value = 'lost';
      },
      onEvent: (data) => this.#take(JSON.parse(data)),
    });
  }

  /** Oldest first. */
  get events(): ReadonlySignal<readonly JournalEvent[]> {
    return this.#events;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#connection;
  }

  /** While the connection is lost. */
  get loss(): ReadonlySignal<Loss | undefined> {
    return this.#loss;
  }

  /** Calls `listener` with the latest events. Returns the function that ends the subscription. */
  subscribe(listener: (events: readonly JournalEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps only events from now on. */
  clear(): void {
    this.#events.value = [];
  }

  #take(event: JournalEvent): void {
    if (this.#batch.length === 0) this.#clock.setTimeout(() => this.#flush(), BATCH_MS);
    this.#batch.push(event);
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    const kept = batch.filter(({ type }) => !NOT_KEPT.includes(type));
    if (kept.length > 0) this.#events.value = [...this.#events.value, ...kept].slice(-CAPACITY);
    for (const listener of [...this.#listeners]) listener(batch);
  }
}
