/** Who is live, as the rules of streams need to know it. Filled by the ingest side; `live` knows nothing of it. */

import type { StreamSource } from '../../base/push-source.ts';
import type { Shelf } from '../../recording/fragments/shelf.ts';
import type { WatchableStream } from '../../watch/watchable.ts';

/** One push of a stream, as it is remembered. */
export interface StreamPush {
  readonly id: string;
  readonly source: StreamSource;
  readonly startedMs: number;
  /** Null while it lasts. */
  readonly endedMs: number | null;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  /** `ip:port` it was accepted on. */
  readonly localAddr: string;
  /** The host it was pushed to. */
  readonly publishDomain: string;
  /** Parameters of the ingest URL, still percent-encoded. */
  readonly rawArgs: string;
}

export interface PublishingStream extends WatchableStream {
  readonly push: StreamPush;
  /** Ends the push; the publisher hears the code and the description. */
  cut(code: string, description: string): void;
  /** Begins to store fragments of this length; goes on from the next key frame. */
  record(shelf: Shelf, sliceDurationSec: number): Promise<void>;
  /** Resolves when the last fragment is stored; fine when nothing is recorded. */
  stopRecording(): Promise<void>;
}

export interface PublishingStreams {
  stream(source: StreamSource): PublishingStream | undefined;
  streams(): Iterable<PublishingStream>;
}

/** Whoever does something when a stream begins or ends. */
export interface StreamObserver {
  /** Before the publisher hears that it may send. */
  published(stream: PublishingStream): Promise<void>;
  /** When everything it sent is stored. */
  ended(stream: PublishingStream): Promise<void>;
}
