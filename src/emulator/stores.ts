import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { faultyMetadataStore, faultyObjectStore } from '../control-plane/faults/faulty-stores.ts';
import { MadeBytes } from '../control-plane/seed/made-bytes.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import { lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { PendingWrites } from '../storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import type { SweptFiles } from '../storage/objects/filesystem/sweep.ts';
import { openFilesystemStore } from '../storage/objects/filesystem.ts';
import { createMemoryStore } from '../storage/objects/memory.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import { Objects } from '../storage/objects/objects.ts';
import { BackgroundSweep } from './background-sweep.ts';
import type { CoreParts } from './core.ts';
import { inProcessMuxer } from './muxers.ts';

/** The content type OSS stores playlists under. Source: GetVodPlaylist page. */
const PLAYLIST_HEADERS = { 'content-type': 'application/x-mpegURL' };

/** The stores as they are, without faults. */
export interface PlainStores {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
}

/** Where one emulator keeps its data. Fault rules apply to all of it but `plain`. */
export interface Stores extends PlainStores {
  readonly plain: PlainStores;
  readonly writes: PendingWrites;
  readonly objects: Objects;
  readonly playlists: PlaylistStore;
  /** The bytes of seeded recordings. */
  readonly made: MadeBytes;
  /** In the background, once: removes the files that a process which was killed has left. */
  sweep(): void;
  close(): Promise<void>;
}

/** The stores of a configuration, and what is done to them as a whole. */
interface OpenedStores extends PlainStores {
  readonly sweep: (signal: AbortSignal) => Promise<SweptFiles>;
  readonly close: () => Promise<void>;
}

/** @throws UsageError when the data folder cannot be used, or is in use by another emulator */
export async function openStores({ config, faults, events, clock, log }: CoreParts): Promise<Stores> {
  const opened = await openPlainStores(config, log);
  const { metadata: plainMetadata, bytes: plainBytes } = opened;
  const sweep = new BackgroundSweep(opened.sweep, { events, log });
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
    writes,
    objects,
    playlists: {
      put: (bucket, key, text) => objects.put(bucket, key, Buffer.from(text), { headers: PLAYLIST_HEADERS }),
    },
    made,
    sweep: () => sweep.start(),
    async close() {
      await writes.stop();
      await sweep.stop();
      await opened.close();
    },
  };
}

async function openPlainStores(config: Config, log: Log): Promise<OpenedStores> {
  if (config.memory) {
    const metadata = await openSqliteStore({ path: ':memory:' });
    return opened(
      metadata,
      createMemoryStore(),
      async () => ({ count: 0, sizeBytes: 0 }),
      async () => {},
    );
  }
  await makeFolder(config.dataDir);
  const lock = await lockDataFolder(config.dataDir);
  try {
    const metadata = await openSqliteStore({ path: join(config.dataDir, 'metadata.sqlite') });
    const bytes = await openFilesystemStore({
      root: join(config.dataDir, 'objects'),
      onUndeleted: (location, error) =>
        log.warn('bytes.not-deleted', { location, error: errorText(error), advice: 'the next start tries again' }),
    });
    const sweep = (signal: AbortSignal) => bytes.sweep(metadata.locations(), signal);
    return opened(metadata, bytes, sweep, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function opened(
  metadata: MetadataStore,
  bytes: ObjectStore,
  sweep: OpenedStores['sweep'],
  release: () => Promise<void>,
): OpenedStores {
  return {
    metadata,
    bytes,
    sweep,
    async close() {
      await metadata.close();
      await bytes.close();
      await release();
    },
  };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`--data-dir ${path} cannot be used: ${errorText(error)}`);
  }
}
