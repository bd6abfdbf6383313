import { copyFileSync, existsSync, linkSync, lstatSync, realpathSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { hasErrorCode } from '../base/error-code.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import { makePrivateFolder, nearestThere } from '../base/private-paths.ts';
import { turnOfTheLoop } from '../base/turn-of-the-loop.ts';
import type { BackedUp } from '../storage/backed-up.ts';
import { isDiskFull, shortText } from '../storage/machine-fault.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { openLocationReader } from '../storage/metadata/sqlite.ts';
import { isFileLocation } from '../storage/objects/filesystem/locations.ts';
import type { HeldDeletions } from '../storage/objects/held-deletions.ts';
import { resultCodeOf } from '../storage/sqlite/result-code.ts';
import { dataFolderPaths } from './data-folder.ts';

export interface BackUpOptions {
  readonly dataDir: string;
  /** Whether the data folder is still at that path. */
  readonly isAtPath: () => boolean;
  /** Where the copy is made: a folder that does not exist, or is empty. */
  readonly folder: string;
  readonly metadata: Pick<MetadataStore, 'copyTo'>;
  readonly deletions: HeldDeletions;
}

/** Until it is complete the copy has another name, so that half of one is never taken for the whole. */
const PARTIAL_SUFFIX = '.partial-';

/**
 * Copies a data folder while it is used: the rows as they are at one moment, then the bytes that they name. Bytes never change,
 * so that they are linked where both folders are on one file system. An emulator that is started on the copy closes the pushes
 * that were open, as after a crash. Nothing is removed that was not made here.
 *
 * @throws UsageError when the folder is not empty, or cannot be made, or the data folder was moved
 */
export async function backUp(options: BackUpOptions): Promise<BackedUp> {
  const folder = resolve(options.folder);
  await refuseUsed(folder);
  refuseMoved(options, folder);
  refuseInside(options.dataDir, folder);
  const partial = await makePartial(folder);
  try {
    const copied = await options.deletions.during(() => copy(options, partial));
    refuseMoved(options, folder);
    // An empty folder cannot be replaced on every system.
    await rmdir(folder).catch(() => {});
    await rename(partial, folder);
    return { folder, ...copied };
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw explainBackUp(folder, error);
  }
}

/** Beside the folder, under a name that nobody has. */
async function makePartial(folder: string): Promise<string> {
  try {
    makePrivateFolder(dirname(folder));
    return await mkdtemp(folder + PARTIAL_SUFFIX);
  } catch (error) {
    throw explainBackUp(folder, error);
  }
}

function explainBackUp(folder: string, error: unknown): unknown {
  if (isDiskFull(error)) {
    return new UsageError(
      `The backup ${folder} cannot be made: its disk is full (${shortText(error)}). Make room there, or name a folder on another disk.`,
    );
  }
  return isOfPath(error) ? new UsageError(`The backup ${folder} cannot be made: ${errorText(error)}`) : error;
}

/** That the copy cannot be made there, or not now. SQLite cannot open a database whose path is too long. */
function isOfPath(error: unknown): boolean {
  const codes = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP'];
  return hasErrorCode(error, ...codes) || resultCodeOf(error) === 'CANTOPEN';
}

async function refuseUsed(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw new UsageError(`The backup ${folder} cannot be made: ${errorText(error)}`);
  });
  if (names.length > 0) throw new UsageError(`The backup ${folder} cannot be made: the folder is not empty.`);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new UsageError(`The backup ${folder} cannot be made: it is a link, name the folder itself.`);
  }
}

/** @throws UsageError when there is nothing to copy at the path, or what another emulator has begun there */
function refuseMoved({ dataDir, isAtPath }: BackUpOptions, folder: string): void {
  if (isAtPath()) return;
  const what = existsSync(dataDir)
    ? 'is not the one that was opened (its emulator.lock is another file, or gone)'
    : 'is not there any more';
  throw new UsageError(
    `The backup ${folder} cannot be made: the data folder ${dataDir} ${what}. Put it back, or stop the emulator and start it on the folder where it is now.`,
  );
}

/** @throws UsageError when the copy would be a part of what is copied */
function refuseInside(dataDir: string, folder: string): void {
  const way = relative(realpathSync(dataDir), realpathSync(nearestThere(folder)));
  // It is absolute from one drive of Windows to another.
  if (isAbsolute(way) || way.split(sep)[0] === '..') return;
  throw new UsageError(`The backup ${folder} cannot be made: it is in the data folder.`);
}

async function copy({ dataDir, metadata }: BackUpOptions, partial: string): Promise<Omit<BackedUp, 'folder'>> {
  const from = dataFolderPaths(dataDir);
  const to = dataFolderPaths(partial);
  await metadata.copyTo(to.metadata);
  const rows = await openLocationReader(to.metadata);
  let files = 0;
  let sizeBytes = 0;
  let missing = 0;
  let changed = 0;
  try {
    for await (const batch of rows.locations()) {
      for (const { location, sizeBytes: storedBytes } of batch) {
        if (!isFileLocation(location)) continue;
        const size = copyFile(join(from.objects, location), join(to.objects, location));
        if (size === undefined) missing += 1;
        else files += 1;
        if (size !== undefined && size !== storedBytes) changed += 1;
        sizeBytes += size ?? 0;
      }
      await turnOfTheLoop();
    }
  } finally {
    await rows.close();
  }
  return { files, sizeBytes, missing, changed };
}

/** Returns its size; undefined when it is not there. Between two turns of the loop, because in the thread pool a link takes several times as long. */
function copyFile(from: string, to: string): number | undefined {
  // Whoever opened a FIFO would wait for ever.
  if (lstatSync(from, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  makePrivateFolder(dirname(to));
  try {
    linkSync(from, to);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    // Another file system, or one without links.
    if (!hasErrorCode(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK')) throw error;
    copyFileSync(from, to);
  }
  return lstatSync(to).size;
}
