import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { explainStart } from '../storage/make-data-folder.ts';
import { type DataFolderLock, lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { RescuedTable } from '../storage/metadata/sqlite/read-damaged.ts';
import { isWhole, rescueDatabase } from '../storage/metadata/sqlite/rescue-database.ts';
import { openLocationReader, openSqliteStore } from '../storage/metadata/sqlite.ts';
import { sweepFiles } from '../storage/objects/filesystem/sweep.ts';
import { DATABASE_SUFFIXES } from '../storage/sqlite/database-suffixes.ts';
import { dataFolderPaths, refuseOtherDatabase } from './data-folder.ts';

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
 * aside. Undefined when the database is not damaged.
 *
 * @param suffix of the names of what is kept
 * @throws UsageError when there is no database, an emulator uses the folder, or it cannot be used
 */
export async function repairDataFolder(dir: string, suffix: string): Promise<Repair | undefined> {
  const { metadata: path, objects } = dataFolderPaths(dir);
  if (!existsSync(path)) throw new UsageError(`There is no ${path} to repair: name the data folder with --data-dir.`);
  const lock = await lockDataFolder(dir);
  try {
    if (!(await isDamaged(dir))) return undefined;
    const fresh = `${path}.new`;
    await rm(fresh, { force: true });
    await (await openSqliteStore({ path: fresh })).close();
    const tables = await rescueDatabase(path, fresh);
    const kept = `${path}.damaged-${suffix}`;
    await moveDatabase(path, kept);
    await rename(fresh, path);
    const movedTo = join(dir, `objects-without-rows-${suffix}`);
    return { kept, tables, movedTo, movedFiles: await moveUnnamed(path, objects, movedTo, lock) };
  } finally {
    await lock.release();
  }
}

/**
 * Whether there is a database in the folder, in which SQLite finds something wrong; all of it is read.
 *
 * @throws UsageError when it cannot be read
 */
export async function isDamaged(dir: string): Promise<boolean> {
  const { metadata } = dataFolderPaths(dir);
  refuseOtherDatabase(metadata);
  try {
    return existsSync(metadata) && !(await isWhole(metadata));
  } catch (error) {
    throw explainStart(error, dir);
  }
}

async function moveDatabase(from: string, to: string): Promise<void> {
  for (const suffix of DATABASE_SUFFIXES) {
    if (existsSync(from + suffix)) await rename(from + suffix, to + suffix);
  }
}

async function moveUnnamed(
  path: string,
  objects: string,
  moveTo: string,
  { isAtPath }: DataFolderLock,
): Promise<number> {
  const reader = await openLocationReader(path);
  try {
    const { signal } = new AbortController();
    const named = reader.locations();
    return (await sweepFiles({ root: objects, isAtPath, named, written: new Set(), moveTo, signal })).count;
  } finally {
    await reader.close();
  }
}
