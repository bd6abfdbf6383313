import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Objects } from '../objects/objects.ts';
import type { Domains } from './domains.ts';
import type { IndexFiles } from './index-files.ts';
import type { Notifications } from './notifications.ts';
import type { Outbox } from './outbox.ts';
import type { RecordConfigs } from './record-config.ts';
import type { RecordIndexDeps } from './record-index.ts';
import type { Recordings } from './recordings.ts';
import type { EventSubscriptions } from './rooms/event-subscriptions.ts';
import type { Rooms } from './rooms/rooms.ts';
import type { StreamService } from './streams.ts';

/** What the operations work with. */
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
  readonly notifications: Notifications;
  readonly outbox: Outbox;
  readonly rooms: Rooms;
  readonly roomEvents: EventSubscriptions;
}
