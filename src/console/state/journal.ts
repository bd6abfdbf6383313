import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import type { EmulatorEvent, EventType, Stamped } from '../../events/events.ts';
import type { Connection } from './kept-answer.ts';

export type JournalEvent = Stamped<EmulatorEvent>;

/** Enough to read, and few enough to be filtered at every key that is typed. */
const CAPACITY = 5_000;

/** Events within this time are shown together. */
const BATCH_MS = 50;

/** A browser delivers only events whose name has a listener. */
const EVENT_TYPES: Readonly<Record<EventType, true>> = {
  'clock.changed': true,
  'emulator.reset': true,
  'emulator.seeded': true,
  'fault.fired': true,
  'fragment.stored': true,
  'lifecycle.aborted': true,
  'lifecycle.expired': true,
  'lifecycle.transitioned': true,
  'live.callback-delivered': true,
  'live.callback-failed': true,
  'live.callback-retried': true,
  'live.ended': true,
  'live.finding': true,
  'live.published': true,
  'live.record-finished': true,
  'live.record-paused': true,
  'live.record-resumed': true,
  'live.record-started': true,
  'live.slice-stored': true,
  'notification.dead-letter': true,
  'notification.delivered': true,
  'playlist.written': true,
  'publish.accepted': true,
  'publish.ended': true,
  'publish.refused': true,
  'request.answered': true,
  'room.finding': true,
  'room.joined': true,
  'room.left': true,
  'snapshot.failed': true,
  'snapshot.stored': true,
  'stream.finding': true,
  'viewer.joined': true,
  'viewer.left': true,
};

/** They come every few seconds during every push. Listeners get them, the log does not keep them. */
const NOT_KEPT: readonly EventType[] = ['fragment.stored', 'live.slice-stored', 'playlist.written'];

/** The events of the emulator: first those it remembers, then each event when it happens. */
export class Journal {
  readonly #events = signal<readonly JournalEvent[]>([]);
  readonly #connection = signal<Connection>('connecting');
  readonly #listeners = new Set<(types: ReadonlySet<EventType>) => void>();
  readonly #clock: Clock;
  readonly #url: string;
  #source: EventSource;
  #batch: JournalEvent[] = [];

  constructor(url: string, clock: Clock) {
    this.#clock = clock;
    this.#url = url;
    this.#source = this.#open();
  }

  /** Oldest first. */
  get events(): ReadonlySignal<readonly JournalEvent[]> {
    return this.#events;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#connection;
  }

  /** Calls `listener` with the types of the latest events. Returns the function that ends the subscription. */
  subscribe(listener: (types: ReadonlySet<EventType>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps only events from now on. */
  clear(): void {
    this.#events.value = [];
  }

  /** Reads the events from the first one again. */
  restart(): void {
    this.#source.close();
    this.clear();
    this.#source = this.#open();
  }

  /** After a lost connection the browser makes a new one and requests the events it has missed. */
  #open(): EventSource {
    const source = new EventSource(this.#url);
    source.onopen = () => {
      this.#connection.value = 'open';
    };
    source.onerror = () => {
      this.#connection.value = 'lost';
    };
    for (const type of Object.keys(EVENT_TYPES)) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => this.#take(JSON.parse(data)));
    }
    return source;
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
    const types = new Set(batch.map(({ type }) => type));
    for (const listener of [...this.#listeners]) listener(types);
  }
}
