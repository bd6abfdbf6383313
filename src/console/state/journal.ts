import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EmulatorEvent, EventType, Stamped } from '../../events/events.ts';
import { AnsweredByOther, type Contact, LIMITS, Unreachable } from '../contact.ts';
import type { Send } from '../send.ts';
import { followEvents, StreamRefused } from './event-feed.ts';

/** `broken`: the stream of events does not come, and others may be answered. `lost`: nothing is answered, so nothing is asked. */
export type Connection = 'connecting' | 'open' | 'broken' | 'lost';

/** That the emulator does not answer. */
export interface Silence {
  /** When it was last heard of, by the clock of the machine on which the page is shown. */
  readonly sinceMs: number;
  /** It cannot be reached; it takes requests and does not answer them; it, or something between, refuses them. */
  readonly cause: 'unreachable' | 'no answer' | { readonly status: number; readonly isOfEmulator: boolean };
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
  readonly #stream = signal<Exclude<Connection, 'lost'>>('connecting');
  readonly #silence = signal<Silence | undefined>(undefined);
  readonly connection: ReadonlySignal<Connection> = computed(() => (this.#silence.value ? 'lost' : this.#stream.value));
  readonly #listeners = new Set<(events: readonly JournalEvent[]) => void>();
  readonly #clock: Clock;
  readonly #contact: Contact;
  /** Until the emulator is silent, if it is not heard of again. */
  #silenceTimer: Timer | undefined;
  #batch: JournalEvent[] = [];

  constructor(url: string, { send, contact, clock }: JournalDeps) {
    this.#clock = clock;
    this.#contact = contact;
    followEvents(url, {
      send,
      contact,
      clock,
      onOpen: () => {
        this.#silenceTimer?.cancel();
        this.#hear('open');
      },
      onLost: (error) => this.#judge(error),
      onEvent: (data) => this.#take(JSON.parse(data)),
    });
  }

  /** Oldest first. */
  get events(): ReadonlySignal<readonly JournalEvent[]> {
    return this.#events;
  }

  /** While the connection is lost. */
  get silence(): ReadonlySignal<Silence | undefined> {
    return this.#silence;
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

  /** Why the stream does not come. Where others are answered, it is held back on its way, by a proxy. */
  #judge(error: unknown): void {
    this.#silenceTimer?.cancel();
    const leftMs = LIMITS.question.ms - this.#contact.silenceMs;
    if (error instanceof StreamRefused) this.#fallSilent({ status: error.status, isOfEmulator: true });
    else if (error instanceof AnsweredByOther) this.#fallSilent({ status: error.status, isOfEmulator: false });
    else if (error instanceof Unreachable) this.#fallSilent('unreachable');
    else if (leftMs <= 0) this.#fallSilent('no answer');
    else {
      this.#hear('broken');
      this.#silenceTimer = this.#clock.setTimeout(() => this.#judge(error), leftMs);
    }
  }

  /** The emulator is heard of. At once, so that there is no connection between the former and this. */
  #hear(stream: Exclude<Connection, 'lost'>): void {
    batch(() => {
      this.#silence.value = undefined;
      this.#stream.value = stream;
    });
  }

  #fallSilent(cause: Silence['cause']): void {
    this.#silence.value = { sinceMs: this.#contact.lastMs, cause };
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
