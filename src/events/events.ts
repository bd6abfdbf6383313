/** What happened, in order. The vocabulary is closed: a listener can rely on these names and fields. */
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
      /** The status code the publisher was told, e.g. `NetStream.Publish.BadName`. */
      readonly code: string;
      readonly description: string;
      readonly reason: string;
      readonly remoteAddr: string;
    }
  | {
      readonly type: 'publish.ended';
      readonly bucket: string;
      readonly channel: string;
      readonly sessionId: string;
      readonly cause: string;
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
  | ({ readonly type: 'live.published'; readonly remoteAddr: string } & StreamEvent)
  | ({ readonly type: 'live.ended'; readonly cause: string } & StreamEvent)
  | ({
      readonly type: 'live.slice-stored';
      readonly bucket: string;
      readonly key: string;
      readonly durationMs: number;
      readonly sizeBytes: number;
      readonly sequence: number;
    } & StreamEvent)
  | ({
      readonly type: 'live.record-started' | 'live.record-paused' | 'live.record-resumed';
      readonly recordingId: string;
    } & StreamEvent)
  | ({
      /** The m3u8 file of a recording is stored. */
      readonly type: 'live.record-finished';
      readonly recordingId: string;
      readonly bucket: string;
      readonly key: string;
      readonly durationMs: number;
      readonly startMs: number;
      readonly endMs: number;
    } & StreamEvent)
  | ({ readonly type: 'live.callback-delivered'; readonly attempts: number } & CallbackEvent)
  | ({ readonly type: 'live.callback-retried'; readonly attempt: number; readonly reason: string } & CallbackEvent)
  /** It reached its target in none of its attempts, and is dropped. */
  | ({ readonly type: 'live.callback-failed'; readonly attempts: number; readonly reason: string } & CallbackEvent);

/** Fields of whatever happens to a callback about a stream. */
export interface CallbackEvent {
  /** Whose configuration asked for it. */
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
  /** e.g. `publish` or `record_file`. */
  readonly action: string;
  readonly url: string;
}

/** Fields of whatever happens to a stream of ApsaraVideo Live. */
export interface StreamEvent {
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
  /** Of the push. */
  readonly sessionId: string;
}

export type EventOf<Type extends EmulatorEvent['type']> = Extract<EmulatorEvent, { type: Type }>;

/** Tells every listener, in the order of subscription, at the moment something happened. */
export class Events {
  readonly #listeners = new Set<(event: EmulatorEvent) => void>();

  emit(event: EmulatorEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Returns what ends the subscription. */
  subscribe(listener: (event: EmulatorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves with the next event of this type that satisfies `matches`; rejects when `signal` aborts.
   *
   * @example const stored = await events.waitFor('fragment.stored', (event) => event.channel === 'cam');
   */
  waitFor<Type extends EmulatorEvent['type']>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<EventOf<Type>> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        unsubscribe();
        reject(signal?.reason);
      };
      const unsubscribe = this.subscribe((event) => {
        if (!isOfType(event, type) || !matches(event)) return;
        unsubscribe();
        signal?.removeEventListener('abort', abort);
        resolve(event);
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

function isOfType<Type extends EmulatorEvent['type']>(event: EmulatorEvent, type: Type): event is EventOf<Type> {
  return event.type === type;
}
