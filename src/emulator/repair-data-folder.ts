import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { RescuedTable } from '../storage/metadata/sqlite/read-damaged.ts';
import { isWhole, rescueDatabase } from '../storage/metadata/sqlite/rescue-database.ts';
import { openLocationReader, openSqliteStore } from '../storage/metadata/sqlite.ts';
import { storedEntries } from '../storage/objects/filesystem/stored-files.ts';
import { collect } from '../storage/objects/filesystem/sweep.ts';
import { dataFolderPaths } from './data-folder.ts';

export interface Repair {
  /** Where the damaged database is kept. */
  readonly kept: string;
  readonly tables: readonly RescuedTable[];
  /** Files whose rows are lost, and the folder they were moved to. */
  readonly movedFiles: number;
  readonly movedTo: string;
}

/**
 * Makes a new database of what can be read of a damaged one, which is kept beside it. Files whose rows are lost are moved
 * aside, because the next start would remove them. Undefined when there is no database, or it is not damaged.
 *
 * @param suffix of the names of what is kept
 * @throws UsageError when an emulator uses the folder, or it cannot be used
 */
export async function repairDataFolder(dir: string, suffix: string): Promise<Repair | undefined> {
  const { metadata: path, objects } = dataFolderPaths(dir);
  if (!existsSync(path)) return undefined;
  const lock = await lockDataFolder(dir);
  try {
    if (await isWhole(path)) return undefined;
    const fresh = `${path}.new`;
    await rm(fresh, { force: true });
    await (await openSqliteStore({ path: fresh })).close();
    const tables = await rescueDatabase(path, fresh);
    const kept = `${path}.damaged-${suffix}`;
    await moveDatabase(path, kept);
    await rename(fresh, path);
    const movedTo = join(dir, `objects-without-rows-${suffix}`);
    return { kept, tables, movedTo, movedFiles: await moveUnnamed(path, objects, movedTo) };
  } finally {
    await lock.release();
  }
}

/** Whether there is a database in the folder, in which SQLite finds something wrong; all of it is read. */
export async function isDamaged(dir: string): Promise<boolean> {
  const { metadata } = dataFolderPaths(dir);
  return existsSync(metadata) && !(await isWhole(metadata));
}

/** What was not written back from the WAL belongs to it. */
async function moveDatabase(from: string, to: string): Promise<void> {
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(from + part)) await rename(from + part, to + part);
  }
}

async function moveUnnamed(path: string, objects: string, to: string): Promise<number> {
  const reader = await openLocationReader(path);
  const named = await collect(reader.locations()).finally(() => reader.close());
  const unnamed = existsSync(objects)
    ? [...storedEntries(objects)].filter(({ kind, location }) => kind === 'file' && !named.has(location))
    : [];
  for (const { location } of unnamed) {
    await mkdir(dirname(join(to, location)), { recursive: true, mode: 0o700 });
    await rename(join(objects, location), join(to, location));
  }
  return unnamed.length;
}
