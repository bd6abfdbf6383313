import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { makePrivateFile, PRIVATE_FILE, refuseOtherThanFile } from '../base/private-paths.ts';
import { explainStart } from '../storage/make-data-folder.ts';
import { type DataFolderLock, lockDataFolder } from '../storage/metadata/data-folder-lock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { Reserve } from '../storage/metadata/reserve.ts';
import { openSqliteStore } from '../storage/metadata/sqlite.ts';
import { holdsFiles } from '../storage/objects/filesystem/stored-files.ts';
import { openFilesystemStore } from '../storage/objects/filesystem.ts';
import { DATABASE_SUFFIXES } from '../storage/sqlite/database-suffixes.ts';
import { type BytesPlace, claimPlace } from './bytes-place.ts';
import { DatabaseWatch } from './database-watch.ts';
import type { OpenedStores } from './opened-stores.ts';
import { removeOldSwept } from './swept-files.ts';

/** The parts of a data folder. */
export function dataFolderPaths(dir: string): {
  readonly metadata: string;
  readonly objects: string;
  readonly reserve: string;
  readonly owner: string;
  readonly swept: string;
} {
  return {
    metadata: join(dir, 'metadata.sqlite'),
    objects: join(dir, 'objects'),
    reserve: join(dir, 'reserve'),
    owner: join(dir, 'owner'),
    swept: join(dir, 'swept'),
  };
}

/** Opens metadata that are not in the folder. */
export type OpenShared = () => Promise<MetadataStore>;

/**
 * @param shared for metadata that are somewhere else; the folder has the bytes of the objects then
 * @throws UsageError when the folder cannot be used, or is in use by another emulator
 */
export async function openDataFolder(dir: string, log: Log, shared?: OpenShared): Promise<OpenedStores> {
  const lock = await lockDataFolder(dir);
  try {
    return await openLocked(dir, log, shared, lock);
  } catch (error) {
    await lock.release();
    throw explainStart(error, dir);
  }
}

async function openLocked(
  dir: string,
  log: Log,
  shared: OpenShared | undefined,
  lock: DataFolderLock,
): Promise<OpenedStores> {
  const paths = dataFolderPaths(dir);
  const reserve = new Reserve(paths.reserve, lock.isAtPath);
  const metadata = await (shared ? openForFolder(dir, shared) : openOwnDatabase(dir, reserve));
  try {
    const bytes = await openFilesystemStore({
      root: paths.objects,
      isAtPath: lock.isAtPath,
      onUndeleted: (location, error) =>
        log.warn('bytes.not-deleted', {
          location,
          error: errorText(error),
          advice: 'the next start moves it to swept/',
        }),
    });
    const watch = shared
      ? undefined
      : new DatabaseWatch(paths.metadata, { clock: systemClock, log, isAtPath: lock.isAtPath });
    watch?.start();
    return {
      metadata,
      bytes,
      isAtPath: lock.isAtPath,
      async settle(signal) {
        if (!shared) reserve.take();
        if (lock.isAtPath()) {
          await removeOldSwept(paths.swept, systemClock).catch((error) =>
            log.warn('storage.swept-not-removed', { error: errorText(error), advice: 'remove it by hand' }),
          );
        }
        const movedTo = join(paths.swept, timeSuffix(systemClock));
        return { movedTo, ...(await bytes.sweep({ named: metadata.locations(), moveTo: movedTo, signal })) };
      },
      async close() {
        watch?.stop();
        await metadata.close();
        await bytes.close();
        await lock.release();
      },
    };
  } catch (error) {
    await metadata.close();
    throw error;
  }
}

async function openOwnDatabase(dir: string, reserve: Reserve): Promise<MetadataStore> {
  const { metadata } = dataFolderPaths(dir);
  if (!existsSync(metadata)) refuseLostRows(dir);
  makePrivateDatabase(metadata);
  return openSqliteStore({ path: metadata, reserve, onEmpty: () => refuseLostRows(dir) });
}

/** @throws UsageError when the objects of the folder belong to other metadata, or other objects to these metadata */
async function openForFolder(dir: string, shared: OpenShared): Promise<MetadataStore> {
  const { metadata: own } = dataFolderPaths(dir);
  if (existsSync(own) && statSync(own).size > 0) {
    throw new UsageError(
      `${own} is a database, which --metadata would hide: choose another --data-dir, or leave --metadata away.`,
    );
  }
  const metadata = await shared();
  try {
    await claimPlace(metadata, folderPlace(dir));
    return metadata;
  } catch (error) {
    await metadata.close();
    throw error;
  }
}

/** One process at a time uses it, which has locked it. */
function folderPlace(dir: string): BytesPlace {
  const { objects, owner } = dataFolderPaths(dir);
  return {
    shown: `${hostname()}:${resolve(objects)}`,
    isShared: false,
    async readMark() {
      if (existsSync(owner)) return readFileSync(owner, 'utf8').trim();
      if (!holdsFiles(objects)) return undefined;
      throw new UsageError(`${objects} holds objects of other metadata than --metadata: choose another --data-dir.`);
    },
    async writeMark(id) {
      writeFileSync(`${owner}.new`, `${id}\n`, { mode: PRIVATE_FILE });
      renameSync(`${owner}.new`, owner);
    },
  };
}

/** For the names of what is kept. */
export function timeSuffix({ now }: Clock): string {
  return new Date(now()).toISOString().replace(/[:.]/g, '-');
}

/**
 * SQLite would wait for ever for one that is a FIFO, and begin without what is lost with a log that is no file.
 *
 * @throws UsageError when a file of the database is something else than a file
 */
export function refuseOtherDatabase(path: string): void {
  for (const suffix of [...DATABASE_SUFFIXES, '-journal']) refuseOtherThanFile(path + suffix);
}

/** SQLite gives its other files the mode of the database. After a crash they are there, also those of an earlier version. */
function makePrivateDatabase(path: string): void {
  makePrivateFile(path);
  refuseOtherDatabase(path);
  for (const file of DATABASE_SUFFIXES.map((suffix) => path + suffix)) if (existsSync(file)) makePrivateFile(file);
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
 * A database without rows names no file, so that the next sweep would move all of them away. It has none when it is new, and
 * also when the file with its latest changes was lost.
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
