import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { makePrivateFile, refuseOtherThanFile } from '../base/private-paths.ts';
import { explainStart } from '../storage/make-data-folder.ts';
import { lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import { Reserve } from '../storage/metadata/reserve.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import { holdsFiles } from '../storage/objects/filesystem/stored-files.ts';
import { openFilesystemStore } from '../storage/objects/filesystem.ts';
import { DatabaseMark } from './database-mark.ts';
import { DatabaseWatch } from './database-watch.ts';
import type { OpenedStores } from './opened-stores.ts';

/** The parts of a data folder. */
export function dataFolderPaths(dir: string): {
  readonly metadata: string;
  readonly objects: string;
  readonly reserve: string;
} {
  return { metadata: join(dir, 'metadata.sqlite'), objects: join(dir, 'objects'), reserve: join(dir, 'reserve') };
}

/** Of the files of a database: what was not written back from the WAL belongs to it. */
export const DATABASE_SUFFIXES = ['', '-wal', '-shm'];

/** @throws UsageError when the folder cannot be used, or is in use by another emulator */
export async function openDataFolder(dir: string, log: Log): Promise<OpenedStores> {
  const lock = await lockDataFolder(dir);
  try {
    return await openLocked(dir, log, () => lock.release());
  } catch (error) {
    await lock.release();
    throw explainStart(error, dir);
  }
}

async function openLocked(dir: string, log: Log, release: () => Promise<void>): Promise<OpenedStores> {
  const paths = dataFolderPaths(dir);
  const reserve = new Reserve(paths.reserve);
  if (!existsSync(paths.metadata)) refuseLostRows(dir);
  const mark = new DatabaseMark(paths.metadata);
  makePrivateDatabase(paths.metadata);
  const metadata = await openSqliteStore({ path: paths.metadata, reserve, onEmpty: () => refuseLostRows(dir) });
  try {
    const bytes = await openFilesystemStore({
      root: paths.objects,
      onUndeleted: (location, error) =>
        log.warn('bytes.not-deleted', { location, error: errorText(error), advice: 'the next start tries again' }),
    });
    mark.note();
    const watch = new DatabaseWatch(paths.metadata, mark, { clock: systemClock, log });
    watch.start();
    return {
      metadata,
      bytes,
      async settle(signal) {
        reserve.take();
        const { doubt } = mark;
        const moveTo = doubt === undefined ? undefined : withoutRows(dir, timeSuffix(systemClock));
        const swept = await bytes.sweep({ named: metadata.locations(), moveTo, signal });
        if (!signal.aborted) mark.settle();
        return {
          ...swept,
          ...(doubt !== undefined && moveTo !== undefined && { moved: { to: moveTo, reason: doubt } }),
        };
      },
      async close() {
        watch.stop();
        await metadata.close();
        mark.close();
        await bytes.close();
        await release();
      },
    };
  } catch (error) {
    await metadata.close();
    throw error;
  }
}

/** For the names of what is kept. */
export function timeSuffix({ now }: Clock): string {
  return new Date(now()).toISOString().replace(/[:.]/g, '-');
}

/** Where files are kept whose rows are lost. */
export function withoutRows(dir: string, suffix: string): string {
  return join(dir, `objects-without-rows-${suffix}`);
}

/** SQLite gives its other files the mode of the database. After a crash they are there, also those of an earlier version. */
function makePrivateDatabase(path: string): void {
  makePrivateFile(path);
  for (const file of DATABASE_SUFFIXES.map((suffix) => path + suffix)) {
    // SQLite would begin without what is lost with a log that is no file.
    if (file !== path) refuseOtherThanFile(file);
    if (existsSync(file)) makePrivateFile(file);
  }
}

/** @throws UsageError when the folder has objects in files, which would not be found any more */
export function refuseStoredFiles(dir: string): void {
  const { objects } = dataFolderPaths(dir);
  if (!holdsFiles(objects)) return;
  throw new UsageError(
    `${objects} holds objects, which --objects would hide: choose another --data-dir, or leave --objects away.`,
  );
}

/**
 * A database without rows names no file, so that the next sweep would remove all of them. It has none when it is new, and also
 * when the file with its latest changes was lost.
 *
 * @throws UsageError when there are files of objects
 */
export function refuseLostRows(dir: string): void {
  const { metadata, objects } = dataFolderPaths(dir);
  if (!holdsFiles(objects)) return;
  throw new UsageError(
    `${metadata} is missing or empty, but ${objects} holds objects: put the database back with its -wal file, or move ${objects} away.`,
  );
}
