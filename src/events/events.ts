import { type Clock, systemClock } from '../base/clock.ts';
import { cutText, MAX_TEXT_CHARS } from '../base/cut-text.ts';
import type { SignatureComparison } from '../base/errors.ts';
import { RecentEntries } from '../base/recent-entries.ts';
import { textSizeBytes } from '../base/text-size.ts';
import type { StreamFinding } from './findings.ts';
import type { LifecycleEvent } from './lifecycle-events.ts';
import type { LiveEvent } from './live-events.ts';
import type { RoomEvent, WatchEvent } from './room-events.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Everything that can happen. The list is closed: a listener can rely on these names and fields. */
export type EmulatorEvent =
  | {
      readonly type: 'publish.accepted';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly remoteAddr: string;
    }
  | {
      readonly type: 'publish.refused';
      /** The status code that was sent to the publisher, e.g. `NetStream.Publish.BadName`. */
      readonly code: string;
      readonly description: string;
      readonly reason: string;
      readonly remoteAddr: string;
      /** The target of the push, as far as its address could be read. */
      readonly bucket?: string;
      readonly channel?: string;
      readonly app?: string;
      readonly stream?: string;
      /** Present when the signature does not match. */
      readonly comparison?: SignatureComparison;
    }
  | {
      readonly type: 'publish.ended';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly cause: string;
      /** How many fragments could not be stored; absent: none. */
      readonly lostFragments?: number;
      /** How much media was in them, in milliseconds. */
      readonly lostMs?: number;
    }
  | {
      readonly type: 'fragment.stored';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly key: string;
      readonly durationMs: number;
      readonly sizeBytes: number;
      readonly sequence: number;
    }
  | {
      readonly type: 'playlist.written';
      readonly bucket: string;
      readonly channel: string;
      readonly key: string;
    }
  | {
      /** At most once per session and finding. */
      readonly type: 'stream.finding';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly finding: StreamFinding;
      /** A sentence for a person. */
      readonly detail: string;
    }
  | {
      readonly type: 'snapshot.stored';
      /** Of the stream. */
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      /** The object of the picture. */
      readonly destBucket: string;
      readonly key: string;
      readonly sizeBytes: number;
    }
  | {
      readonly type: 'snapshot.failed';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly reason: string;
    }
  | {
      readonly type: 'notification.delivered';
      readonly topic: string;
      readonly subscription: string;
      readonly messageId: string;
      readonly attempts: number;
    }
  | {
      /** A message was dropped after all attempts to deliver it had failed. */
      readonly type: 'notification.dead-letter';
      readonly topic: string;
      readonly subscription: string;
      readonly messageId: string;
      readonly attempts: number;
      readonly reason: string;
    }
  | {
      /** A request, after its answer was handed to the connection: REST of OSS, or RPC of ApsaraVideo Live and of STS. */
      readonly type: 'request.answered';
      readonly api: 'oss' | 'live' | 'sts';
      readonly requestId: string;
      readonly remoteAddr: string;
      readonly method: string;
      /** Path and query as received, without the values of signatures and tokens. */
      readonly target: string;
      readonly operation?: string;
      readonly bucket?: string;
      readonly key?: string;
      readonly status: number;
      readonly durationMs: number;
      readonly refusal?: RequestRefusal;
    }
  | {
      /** A push of this node ends, because another node may have its source now: several nodes share the metadata. */
      readonly type: 'lease.lost';
      /** As in `GET /_emulator/nodes`. */
      readonly source: string;
      readonly sessionId: string;
      readonly reason: string;
    }
  | {
      readonly type: 'fault.fired';
      /** Id of the rule. */
      readonly rule: string;
      readonly phase: string;
      /** What the rule does, e.g. `delayMs=200 code=InternalError`. */
      readonly effect: string;
      readonly operation?: string;
      readonly bucket?: string;
      readonly channel?: string;
      readonly key?: string;
      readonly app?: string;
      readonly stream?: string;
    }
  | {
      readonly type: 'emulator.reset';
      /** Only this bucket was reset; absent: everything. */
      readonly bucket?: string;
    }
  | {
      readonly type: 'emulator.seeded';
      readonly buckets: number;
      readonly channels: number;
      readonly objects: number;
      readonly fragments: number;
    }
  | {
      /** An export was imported: comes after `emulator.reset`. */
      readonly type: 'emulator.imported';
      readonly buckets: number;
      readonly channels: number;
      readonly objects: number;
      readonly fragments: number;
    }
  | {
      /** Files that no row named were taken away: a process that was killed had left them. */
      readonly type: 'storage.swept';
      readonly files: number;
      readonly sizeBytes: number;
      /** A folder, of files. */
      readonly movedTo?: string;
    }
  | {
      readonly type: 'clock.changed';
      readonly nowMs: number;
      readonly frozen: boolean;
    }
  | LifecycleEvent
  | LiveEvent
  | RoomEvent
  | WatchEvent;

/** Why a request was refused. */
export interface RequestRefusal {
  readonly code: string;
  readonly ec?: string;
  readonly message: string;
  /** For a person; never sent to the client. */
  readonly reason?: string;
  readonly comparison?: SignatureComparison;
}

export type EventType = EmulatorEvent['type'];

/** An event as listeners receive it: numbered from 1 without gaps, with the time of the emulator's clock. */
export type Stamped<Event> = Event & {
  readonly id: number;
  readonly atMs: number;
  /** Name of the node that it happened on, where several share a database. */
  readonly node?: string;
};

export type EventOf<Type extends EventType> = Stamped<Extract<EmulatorEvent, { type: Type }>>;

/** How many of the latest events are kept: enough for the whole run of a test. */
const DEFAULT_CAPACITY = 10_000;
/** 10,000 usual events have 5 MiB. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

export interface EventsOptions {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** Name of the node, where several share a database. */
  readonly node?: string;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** The longest time to wait, by the emulator's clock. */
  readonly timeoutMs?: number;
  /** Also searches the kept events after the one with this id; 0 searches all of them. */
  readonly after?: number;
}

/** Passes each event to all listeners at once, in the order in which they subscribed, and keeps the latest events. */
export class Events {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: Stamped<EmulatorEvent>) => void>();
  /** In JSON: its length is what an event costs, and nothing of the request that an event tells of is kept with it. */
  readonly #remembered: RecentEntries<string>;
  readonly #node: string | undefined;
  #lastId = 0;

  constructor(clock: Clock = systemClock, options: EventsOptions = {}) {
    const { maxEntries = DEFAULT_CAPACITY, maxBytes = DEFAULT_MAX_BYTES, node } = options;
    this.#clock = clock;
    this.#node = node;
    this.#remembered = new RecentEntries({ maxEntries, maxBytes });
  }

  /** Id of the latest event; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  emit(event: EmulatorEvent): void {
    const id = ++this.#lastId;
    // In this order: V8 takes ten times as long for fields that are added to a copy.
    const node = this.#node;
    const atMs = this.#clock.now();
    const stamped = withoutSecrets(
      boundTexts(node === undefined ? { id, atMs, ...event } : { id, atMs, node, ...event }),
    );
    const json = JSON.stringify(stamped);
    this.#remembered.add(json, textSizeBytes(json));
    for (const listener of [...this.#listeners]) listener(stamped);
  }

  /** Returns a function that ends the subscription. */
  subscribe(listener: (event: Stamped<EmulatorEvent>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The kept events after the one with this id, oldest first. */
  since(id: number): readonly Stamped<EmulatorEvent>[] {
    return this.textsSince(id).map(parseEvent);
  }

  /** The same in JSON. */
  textsSince(id: number): readonly string[] {
    return this.#remembered.latest(Math.max(0, this.#lastId - id));
  }

  /**
   * Resolves with the next event of this type that satisfies `matches`.
   * Rejects when the signal aborts, or with a TimeoutError after `timeoutMs`.
   *
   * @example const stored = await events.waitFor('fragment.stored', (event) => event.channel === 'cam');
   */
  waitFor<Type extends EventType>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<EventOf<Type>> {
    const { signal, timeoutMs, after } = options;
    const isIt = (event: Stamped<EmulatorEvent>): event is EventOf<Type> => isOfType(event, type) && matches(event);
    const happened = after === undefined ? undefined : this.since(after).find(isIt);
    if (happened) return Promise.resolve(happened);
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        stop();
        reject(reason);
      };
      const abort = () => giveUp(signal?.reason);
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#clock.setTimeout(() => giveUp(new WaitTimeout(type, timeoutMs)), timeoutMs);
      const unsubscribe = this.subscribe((event) => {
        if (!isIt(event)) return;
        stop();
        resolve(event);
      });
      const stop = () => {
        unsubscribe();
        timer?.cancel();
        signal?.removeEventListener('abort', abort);
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

/** The event that `waitFor` waits for did not happen in time. */
export class WaitTimeout extends Error {
  constructor(type: string, timeoutMs: number) {
    super(`no ${type} within ${timeoutMs} ms`);
    this.name = 'TimeoutError';
  }
}

/** The event with every text in a bounded length. */
function boundTexts(event: Stamped<EmulatorEvent>): Stamped<EmulatorEvent> {
  if (!hasLongText(event)) return event;
  return parseEvent(JSON.stringify(event, (_, value: unknown) => (typeof value === 'string' ? cutText(value) : value)));
}

function hasLongText(value: unknown): boolean {
  if (typeof value === 'string') return value.length > MAX_TEXT_CHARS;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLongText);
}

/** Only what an event was written as. */
function parseEvent(json: string): Stamped<EmulatorEvent> {
  return JSON.parse(json);
}

function isOfType<Type extends EventType>(event: Stamped<EmulatorEvent>, type: Type): event is EventOf<Type> {
  return event.type === type;
}
