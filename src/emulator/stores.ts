import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { withTurns } from '../base/turn-of-the-loop.ts';
import type { Config } from '../config/config.ts';
import { faultyMetadataStore, faultyObjectStore } from '../control-plane/faults/faulty-stores.ts';
import { MadeBytes } from '../control-plane/seed/made-bytes.ts';
import { SharedEvents } from '../events/shared-events.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import type { BackedUp } from '../storage/backed-up.ts';
import { createInProcessLeases } from '../storage/leases/in-process-leases.ts';
import type { Leases } from '../storage/leases/leases.ts';
import type { MessageQueues } from '../storage/message-queues/message-queues.ts';
import { PendingWrites } from '../storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import { HeldDeletions } from '../storage/objects/held-deletions.ts';
import { createMemoryStore } from '../storage/objects/memory.ts';
import { Objects } from '../storage/objects/objects.ts';
import type { StoreName } from '../storage/outages.ts';
import { backUp } from './back-up.ts';
import { BackgroundSweep } from './background-sweep.ts';
import { claimPlace, memoryPlace, refuseOtherPlace } from './bytes-place.ts';
import type { CoreParts } from './core.ts';
import { type OpenShared, openDataFolder, refuseStoredFiles } from './data-folder.ts';
import { inProcessMuxer } from './muxers.ts';
import type { OpenedStores, PlainStores } from './opened-stores.ts';
import { openSharedMetadata, type SharedDatabase, sharedDatabase } from './shared-metadata.ts';

/** The content type OSS stores playlists under. Source: GetVodPlaylist page. */
const PLAYLIST_HEADERS = { 'content-type': 'application/x-mpegURL' };

/** Where one emulator keeps its data. Fault rules apply to all of it but `plain`. */
export interface Stores extends PlainStores {
  readonly plain: PlainStores;
  readonly leases: Leases;
  /** Where nodes share the metadata. */
  readonly sharedEvents: SharedEvents | undefined;
  /** Where nodes share the metadata. */
  readonly messageQueues: MessageQueues | undefined;
  readonly writes: PendingWrites;
  readonly objects: Objects;
  readonly playlists: PlaylistStore;
  /** The bytes of seeded recordings. */
  readonly made: MadeBytes;
  /** Whether the data folder, if there is one, is still at its path. */
  isAtPath(): boolean;
  /** Whether a store on another machine is away, after something has failed that may be because of that: it is asked. */
  isAway(store: StoreName): Promise<boolean>;
  /** After the start, once. In the background it moves away the files that a process which was killed has left. */
  settle(): void;
  /**
   * Copies the data folder, one backup at a time.
   * @throws UsageError when everything is in memory, or the copy cannot be made there
   */
  backUp(folder: string): Promise<BackedUp>;
  /** From now on what a row named stays, until the returned function is called. */
  holdDeletions(): Promise<() => Promise<void>>;
  /**
   * From now on requests to stores on other machines fail, also those under way; to a database that answers, half a second later.
   */
  giveUp(): void;
  close(): Promise<void>;
}

/** @throws UsageError when the data folder cannot be used, or is in use by another emulator */
export async function openStores(parts: CoreParts): Promise<Stores> {
  const { config, faults, events, clock, log } = parts;
  const database = config.metadata === undefined ? undefined : sharedDatabase(config.metadata, log);
  const { opened, leases, sharedEvents, messageQueues } = await openAll(parts, database).catch((error) => {
    database?.outages.close();
    throw error;
  });
  leases.attach(parts.registry);
  const { metadata: plainMetadata } = opened;
  const deletions = new HeldDeletions(opened.bytes);
  const plainBytes = deletions.store;
  const sweep = new BackgroundSweep((signal) => opened.settle(signal, leases), { events, log });
  const made = new MadeBytes(inProcessMuxer);
  const metadata = faultyMetadataStore(plainMetadata, faults, clock);
  const bytes = faultyObjectStore(made.over(plainBytes), faults, clock);
  const objects = new Objects({ metadata, bytes, clock });
  // A disk has room again in real time, independent of the clock of the emulator.
  const writes = new PendingWrites(systemClock, log);
  return {
    plain: { metadata: plainMetadata, bytes: plainBytes },
    metadata,
    bytes,
    leases,
    sharedEvents,
    messageQueues,
    writes,
    objects,
    playlists: {
      put: (bucket, key, text, options) =>
        objects.put(bucket, key, typeof text === 'string' ? Buffer.from(text) : withTurns(text), {
          headers: PLAYLIST_HEADERS,
          retryMs: options?.retryMs,
          fence: options?.fence,
        }),
    },
    made,
    isAtPath: opened.isAtPath,
    isAway: async (store) => {
      const outages = { metadata: database?.outages, objects: opened.outages }[store];
      return (await outages?.ask()) === true;
    },
    settle: () => sweep.start(),
    async backUp(folder) {
      const { memory, dataDir, metadata: url, objects: address } = config;
      if (url !== undefined) {
        throw new UsageError(
          'The metadata are in PostgreSQL (--metadata): back both up by their own means, such as pg_dump.',
        );
      }
      if (address !== undefined) {
        throw new UsageError('The objects are in another store (--objects): back that up by its own means.');
      }
      if (memory) throw new UsageError('Everything is in memory: a backup needs an emulator with a data folder.');
      // What it moves away is named by no row, but may have been at the moment of the copy.
      await sweep.settled();
      return backUp({ dataDir, isAtPath: opened.isAtPath, folder, metadata: plainMetadata, deletions });
    },
    async holdDeletions() {
      await sweep.settled();
      return deletions.hold();
    },
    giveUp() {
      opened.giveUp?.();
      database?.giveUp();
    },
    async close() {
      await writes.stop();
      await sweep.stop();
      await sharedEvents?.store().catch((error) => log.warn('events.not-stored', { error: errorText(error) }));
      await messageQueues?.close();
      // First, because its sweep may have a lease.
      await opened.close();
      await leases.close();
      database?.outages.close();
    },
  };
}

async function openAll(parts: CoreParts, database: SharedDatabase | undefined) {
  const opened = await openConfigured(parts.config, parts.log, database);
  try {
    const shared = await openLeases(parts, database);
    database?.outages.begin();
    opened.outages?.begin();
    return { opened, ...shared };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openConfigured(
  { memory, dataDir, objects }: Config,
  log: Log,
  database: SharedDatabase | undefined,
): Promise<OpenedStores> {
  const shared = database && (() => openSharedMetadata(database, log));
  if (objects === undefined) return memory ? openWithMemory(shared) : openWithFiles(dataDir, log, shared);
  // With both elsewhere nothing is in the folder, so that nodes on one machine need none each.
  const isWithoutFolder = memory || shared !== undefined;
  if (!isWithoutFolder) refuseStoredFiles(dataDir);
  const opened = await (isWithoutFolder ? openInMemory(shared) : openDataFolder(dataDir, log));
  // Loaded only here, because it is large and few use it.
  const { withRemoteObjects } = await import('./remote-objects.ts');
  return withRemoteObjects(opened, objects, log);
}

/** Of all who write into these stores. */
async function openLeases(
  parts: CoreParts,
  database: SharedDatabase | undefined,
): Promise<Pick<Stores, 'leases' | 'sharedEvents' | 'messageQueues'>> {
  if (!database) {
    return { leases: createInProcessLeases(), sharedEvents: undefined, messageQueues: undefined };
  }
  // Loaded only here, because few use it.
  const { openSharedLeases } = await import('./shared-leases.ts');
  const { leases, eventLog, messageQueues } = await openSharedLeases(parts, database);
  const sharedEvents = new SharedEvents({ events: parts.events, eventLog, owner: leases.owner });
  return { leases, sharedEvents, messageQueues };
}

async function openWithFiles(dataDir: string, log: Log, shared: OpenShared | undefined): Promise<OpenedStores> {
  const opened = await openDataFolder(dataDir, log, shared);
  try {
    // Metadata that are shared have been asked before.
    if (!shared) await refuseOtherPlace(opened.metadata, dataDir);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openWithMemory(shared: OpenShared | undefined): Promise<OpenedStores> {
  const opened = await openInMemory(shared);
  try {
    if (shared) await claimPlace(opened.metadata, memoryPlace());
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openInMemory(shared: OpenShared | undefined): Promise<OpenedStores> {
  const metadata = await (shared ? shared() : openSqliteStore({ path: ':memory:' }));
  const bytes = createMemoryStore();
  return {
    metadata,
    bytes,
    isAtPath: () => true,
    settle: async () => ({ count: 0, sizeBytes: 0 }),
    async close() {
      await metadata.close();
      await bytes.close();
    },
  };
}
