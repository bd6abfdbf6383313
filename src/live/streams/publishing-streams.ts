/**
 * The publishers of streams, as the rules of streams see them. The registry of publishers in `ingest` implements this
 * port.
 */
import type { StreamSource } from '../../base/push-source.ts';
import type { MediaStat, MediaTotals } from '../../media/stat.ts';
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
  totals(): MediaTotals;
  /** Ends the push; code and description are sent to the publisher. */
  cut(code: string, description: string): void;
  /** Begins to store slices of this length; the first one begins with the next key frame. */
  record(shelf: Shelf, sliceDurationSec: number): Promise<void>;
  /** Resolves when the last slice is stored, at once when nothing is recorded. */
  stopRecording(): Promise<void>;
}

/** A stream that is published now, to this node or to another one. */
export interface OnlineStream {
  readonly push: Pick<StreamPush, 'id' | 'source' | 'startedMs' | 'remoteAddr' | 'localAddr' | 'publishDomain'>;
  /** Name of the other node; undefined: this one. */
  readonly node?: string;
  stat(): MediaStat;
  totals(): MediaTotals;
  /** Ends the push, at the latest some seconds later; code and description are sent to the publisher. */
  cut(code: string, description: string): void | Promise<void>;
}

export interface PublishingStreams {
  stream(source: StreamSource): PublishingStream | undefined;
  streams(): Iterable<PublishingStream>;
}

/** Does something when a stream begins or ends. */
export interface StreamObserver {
  /** Called before the publisher gets the answer that it may send. */
  published(stream: PublishingStream): Promise<void>;
  /** Called when everything it sent is stored. */
  ended(stream: PublishingStream): Promise<void>;
}
