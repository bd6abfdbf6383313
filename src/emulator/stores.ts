import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import { openFilesystemStore } from '../storage/objects/filesystem.ts';
import { createMemoryStore } from '../storage/objects/memory.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';

/** Where one emulator keeps what it knows and what it was given. */
export interface Stores {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  close(): Promise<void>;
}

/** @throws UsageError when the data folder cannot be used, or is in use by another emulator */
export async function openStores(config: Config): Promise<Stores> {
  if (config.memory) {
    return closing(await openSqliteStore({ path: ':memory:' }), createMemoryStore(), async () => {});
  }
  await mkdir(config.dataDir, { recursive: true });
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

function closing(metadata: MetadataStore, bytes: ObjectStore, release: () => Promise<void>): Stores {
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
