import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Config } from '../config/config.ts';
import { faultyMetadataStore, faultyObjectStore } from '../control-plane/faults/faulty-stores.ts';
import { MadeBytes } from '../control-plane/seed/made-bytes.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import { lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { PendingWrites } from '../storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import { openFilesystemStore } from '../storage/objects/filesystem.ts';
import { createMemoryStore } from '../storage/objects/memory.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import { Objects } from '../storage/objects/objects.ts';
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
  close(): Promise<void>;
}

/** @throws UsageError when the data folder cannot be used, or is in use by another emulator */
export async function openStores({ config, faults, clock, log }: CoreParts): Promise<Stores> {
  const { metadata: plainMetadata, bytes: plainBytes, close } = await openPlainStores(config);
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
    async close() {
      await writes.stop();
      await close();
    },
  };
}

async function openPlainStores(config: Config): Promise<PlainStores & Pick<Stores, 'close'>> {
  if (config.memory) {
    return closing(await openSqliteStore({ path: ':memory:' }), createMemoryStore(), async () => {});
  }
  await makeFolder(config.dataDir);
  const lock = await lockDataFolder(config.dataDir);
  try {
    const metadata = await openSqliteStore({ path: join(config.dataDir, 'metadata.sqlite') });
    const bytes = await openFilesystemStore({ root: join(config.dataDir, 'objects') });
    return closing(metadata, bytes, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function closing(
  metadata: MetadataStore,
  bytes: ObjectStore,
  release: () => Promise<void>,
): PlainStores & Pick<Stores, 'close'> {
  return {
    metadata,
    bytes,
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
