import { lstatSync, renameSync } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';
import { makePrivateFolder } from '../../../base/private-paths.ts';
import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import { removeEmptyFolders } from './empty-folders.ts';
import { resolveLocation } from './locations.ts';
import { storedEntries } from './stored-files.ts';

export interface SweptFiles {
  readonly count: number;
  readonly sizeBytes: number;
}

export interface SweepOptions {
  readonly root: string;
  readonly named: NamedLocations;
  /** The locations that were written since the store was opened: their rows may still be on their way. */
  readonly written: ReadonlySet<string>;
  readonly moveTo: string;
  readonly signal: AbortSignal;
}

/** So many entries are looked at in one turn of the event loop: less than a millisecond. */
const TURN_ENTRIES = 100;

/**
 * Moves the files that no row names to the same places below another folder, and removes empty folders. A process that is killed
 * leaves them: bytes are put into place before their row is written, and a row is deleted before its bytes. All rows are read
 * first, so that a file which is in none and was not written since can get no row any more.
 */
export async function sweepFiles({ root, named, written, moveTo, signal }: SweepOptions): Promise<SweptFiles> {
  const known = await collectLocations(named, signal);
  let count = 0;
  let sizeBytes = 0;
  let looked = 0;
  for (const { kind, location } of storedEntries(root)) {
    if (++looked % TURN_ENTRIES === 0) await turnOfTheLoop();
    if (signal.aborted) break;
    if (kind === 'empty folder') {
      removeEmptyFolders(root, location);
    } else if (!known.has(location)) {
      // Whoever has just deleted a row deletes its bytes in this turn; and `written` is looked at when nothing else runs.
      await turnOfTheLoop();
      if (written.has(location)) continue;
      const movedBytes = await moveFile(root, location, moveTo);
      if (movedBytes === undefined) continue;
      count += 1;
      sizeBytes += movedBytes;
    }
  }
  return { count, sizeBytes };
}

/** Resolves to its size; undefined when it is gone already or cannot be moved: the next sweep tries again. */
async function moveFile(root: string, location: string, moveTo: string): Promise<number | undefined> {
  try {
    const path = resolveLocation(root, location);
    const { size } = lstatSync(path);
    const to = join(moveTo, location);
    makePrivateFolder(dirname(to));
    try {
      renameSync(path, to);
    } catch (error) {
      // `objects/` may be a disk of its own. Nobody writes to this path meanwhile: a writer takes a free one.
      if (!hasErrorCode(error, 'EXDEV')) throw error;
      await copyFile(path, to);
      await unlink(path);
    }
    removeEmptyFolders(root, posix.dirname(location));
    return size;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EBUSY', 'EROFS')) return undefined;
    throw error;
  }
}
