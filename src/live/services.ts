import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Objects } from '../storage/objects/objects.ts';
import type { Outbox } from './callbacks/outbox.ts';
import type { StreamCallbacks } from './callbacks/stream-callbacks.ts';
import type { IndexFiles } from './recordings/index-files.ts';
import type { RecordConfigs } from './recordings/record-config.ts';
import type { RecordIndexDeps } from './recordings/record-index.ts';
import type { Recordings } from './recordings/recordings.ts';
import type { EventSubscriptions } from './rooms/event-subscriptions.ts';
import type { Rooms } from './rooms/rooms.ts';
import type { Domains } from './streams/domains.ts';
import type { StreamService } from './streams/streams.ts';

/** The services that operations use. */
export interface LiveServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly objects: Objects;
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly recordConfigs: RecordConfigs;
  readonly recordings: Recordings;
  readonly recordIndex: RecordIndexDeps;
  readonly indexFiles: IndexFiles;
  readonly notifications: StreamCallbacks;
  readonly outbox: Outbox;
  readonly rooms: Rooms;
  readonly roomEvents: EventSubscriptions;
}
