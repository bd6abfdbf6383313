/** Who publishes into rooms, as their rules need to know it. Filled by the ingest side; `live` knows nothing of it. */

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
  /** Ends the push; the publisher hears the code and the description. */
  cut(code: string, description: string): void;
}

export interface PublishingUsers {
  user(source: RoomSource): PublishingUser | undefined;
  users(): Iterable<PublishingUser>;
}
