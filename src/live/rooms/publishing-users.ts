/**
 * The publishers in rooms, as the rules of rooms see them. The registry of publishers in `ingest` implements this port.
 */
import type { RoomSource } from '../../base/push-source.ts';
import type { WatchableStream } from '../../watch/watchable.ts';

/** One push into a room. */
export interface RoomPush {
  readonly id: string;
  readonly source: RoomSource;
  readonly displayName: string;
  readonly startedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
}

export interface PublishingUser extends WatchableStream {
  readonly push: RoomPush;
  /** Ends the push; code and description are sent to the publisher. */
  cut(code: string, description: string): void;
}

export interface PublishingUsers {
  user(source: RoomSource): PublishingUser | undefined;
  users(): Iterable<PublishingUser>;
}
