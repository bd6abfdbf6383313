/** ApsaraVideo Live as a whole, for the composition root. */

import type { AuthMode } from '../aliyun/auth/mode.ts';
import type { Endpoint } from '../aliyun/endpoint.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { SendOutgoing } from '../http/outgoing.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import { createRpcProduct, type RpcProduct } from '../rpc/rpc-product.ts';
import type { Leases } from '../storage/leases/leases.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { newBucket } from '../storage/metadata/new-bucket.ts';
import type { PendingWrites } from '../storage/metadata/pending-writes.ts';
import type { Objects } from '../storage/objects/objects.ts';
import { WaitingDeliveries } from '../storage/waiting-deliveries.ts';
import { Outbox, type Sending } from './callbacks/outbox.ts';
import { StreamCallbacks } from './callbacks/stream-callbacks.ts';
import { LIVE_OPERATIONS } from './live-operations.ts';
import { IndexFiles } from './recordings/index-files.ts';
import { builtInConfig, RecordConfigs } from './recordings/record-config.ts';
import { Recordings } from './recordings/recordings.ts';
import { Retention } from './retention.ts';
import { EventSubscriptions } from './rooms/event-subscriptions.ts';
import type { PublishingUsers } from './rooms/publishing-users.ts';
import { type RoomApplication, Rooms } from './rooms/rooms.ts';
import { RoomSecret } from './rooms/secret.ts';
import type { LiveServices } from './services.ts';
import { Domains } from './streams/domains.ts';
import { Elsewhere } from './streams/elsewhere.ts';
import type { PublishingStreams } from './streams/publishing-streams.ts';
import { type DomainKey, StreamService } from './streams/streams.ts';
import { Watching } from './streams/watching.ts';

/** The only version of the product. */
const VERSION = '2016-11-01';

export interface LiveOptions {
  readonly authMode: AuthMode;
  /** If the list is not empty, other domains have to be added by an operation. */
  readonly domains: readonly string[];
  readonly authKeys: readonly DomainKey[];
  /** If the list is not empty, rooms have no other applications. */
  readonly applications: readonly RoomApplication[];
  /** The bucket for recordings of streams without a configuration; undefined: they are not recorded. */
  readonly recordBucket: string | undefined;
  readonly maxSlices: number;
  readonly utcOffsetMs: number;
  /** How long the HLS playlist of a stream waits for another push. */
  readonly hlsGraceMs: number;
}

export interface LiveDeps {
  readonly clock: Clock;
  /** Players follow the real time. */
  readonly realClock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly writes: PendingWrites;
  readonly objects: Objects;
  readonly playlists: PlaylistStore;
  readonly leases: Leases;
  readonly endpoint: Endpoint;
  readonly publishing: PublishingStreams & PublishingUsers;
  readonly send: SendOutgoing;
  readonly options: LiveOptions;
}

export interface Live {
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly rooms: Rooms;
  /** Kept over restarts and resets, and that of all nodes which share the metadata. */
  readonly secret: string;
  readonly watching: Watching;
  /** What other nodes have to be watched. */
  readonly elsewhere: Elsewhere;
  readonly outbox: Outbox;
  readonly recordConfigs: RecordConfigs;
  readonly recordings: Recordings;
  readonly indexFiles: IndexFiles;
  /** Its operations, for the RPC front. */
  readonly product: RpcProduct;
  /** Ends what a process that died left open. */
  closeBroken(): Promise<void>;
  /** Called after the stores were emptied: drops everything that is kept in memory. */
  reset(): Promise<void>;
  /** Called after the last push has ended. */
  close(): Promise<void>;
}

export async function openLive(deps: LiveDeps): Promise<Live> {
  const { clock, realClock, log, events, metadata, writes, objects, playlists, leases, endpoint } = deps;
  const { publishing, send, options } = deps;
  const { authMode, authKeys, applications, recordBucket, maxSlices, utcOffsetMs, hlsGraceMs } = options;
  if (recordBucket !== undefined) await createBucket(recordBucket, metadata, clock);
  const domains = await Domains.open(metadata, clock, log, options.domains);
  const builtIn = recordBucket === undefined ? undefined : builtInConfig(recordBucket);
  const recordConfigs = new RecordConfigs(metadata, clock, log, domains, builtIn);
  const recordings = new Recordings({
    metadata,
    writes,
    clock,
    log,
    events,
    playlists,
    leases,
    utcOffsetMs,
    configs: recordConfigs,
  });
  const waiting = leases.isShared
    ? new WaitingDeliveries<Sending>('waiting-callback', { metadata, leases, log })
    : undefined;
  const outbox = new Outbox({ clock, events, log, send, waiting });
  const notifications = new StreamCallbacks({ metadata, clock, log, events, domains, outbox });
  const observers = [recordings, notifications];
  const streams = new StreamService({ metadata, writes, clock, log, domains, leases, publishing, authKeys, observers });
  const secret = await RoomSecret.open(metadata, clock);
  const rooms = new Rooms({ clock, log, events, publishing, leases, authMode, applications, secret: secret.text });
  const roomEvents = new EventSubscriptions({ metadata, clock, log, events, outbox });
  const indexFiles = new IndexFiles(metadata, log);
  const recordIndex = {
    metadata,
    clock,
    log,
    playlists,
    streams,
    recordings,
    maxSlices,
    utcOffsetMs,
    configs: recordConfigs,
    files: indexFiles,
  };
  const services: LiveServices = {
    clock,
    log,
    objects,
    domains,
    streams,
    recordConfigs,
    recordings,
    recordIndex,
    indexFiles,
    notifications,
    outbox,
    rooms,
    roomEvents,
  };
  const closeBroken = async () => {
    await recordings.closeBroken();
    await streams.closeBroken();
  };
  await closeBroken();
  const retention = new Retention({ metadata, clock, log, recordings, streams, indexFiles });
  await retention.start();

  const elsewhere = new Elsewhere({ leases, clock: realClock, graceMs: hlsGraceMs });
  const watching = new Watching({ domains, streams, rooms, publishing, elsewhere, endpoint });
  const product = createRpcProduct({ name: 'live', version: VERSION }, LIVE_OPERATIONS, services);
  return {
    domains,
    streams,
    rooms,
    secret: secret.text,
    watching,
    elsewhere,
    outbox,
    recordConfigs,
    recordings,
    indexFiles,
    product,
    closeBroken,
    async reset() {
      recordings.drop();
      await outbox.clear();
      await domains.read();
      await secret.keep();
      if (recordBucket !== undefined) await createBucket(recordBucket, metadata, clock);
    },
    async close() {
      retention.stop();
      await recordings.close();
      await notifications.close();
      await roomEvents.close();
      await outbox.close();
      await waiting?.settled();
    },
  };
}

/** The bucket is public for reading, so that a player needs no signature. */
async function createBucket(name: string, metadata: MetadataStore, clock: Clock): Promise<void> {
  await metadata.changeBucket(name, (current) => current ?? newBucket(name, 'public-read', clock.now()));
}
