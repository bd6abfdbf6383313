import { lstatSync, renameSync, unlinkSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
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
  /** Where the files go instead of being removed, when their rows may have been lost. On the same file system. */
  readonly moveTo?: string | undefined;
  readonly signal: AbortSignal;
}

/** So many entries are looked at in one turn of the event loop: less than a millisecond. */
const TURN_ENTRIES = 100;

/**
 * Removes the files that no row names, and empty folders. A process that is killed leaves them: bytes are put into place before
 * their row is written, and a row is deleted before its bytes. All rows are read first, so that a file which is in none and was
 * not written since can get no row any more.
 */
export async function sweepFiles({ root, named, written, moveTo, signal }: SweepOptions): Promise<SweptFiles> {
  const takeAway = moveTo === undefined ? unlinkSync : mover(root, moveTo);
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
      const removedBytes = removeFile(root, location, takeAway);
      if (removedBytes === undefined) continue;
      count += 1;
      sizeBytes += removedBytes;
    }
  }
  return { count, sizeBytes };
}

/** Returns its size; undefined when it is gone already or cannot be removed: the next sweep tries again. */
function removeFile(root: string, location: string, takeAway: (path: string) => void): number | undefined {
  try {
    const path = resolveLocation(root, location);
    const { size } = lstatSync(path);
    takeAway(path);
    removeEmptyFolders(root, posix.dirname(location));
    return size;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EBUSY', 'EROFS', 'EXDEV')) return undefined;
    throw error;
  }
}

/** Moves a file below `root` to the same place below another folder. */
function mover(root: string, folder: string): (path: string) => void {
  return (path) => {
    const to = join(folder, relative(root, path));
    makePrivateFolder(dirname(to));
    renameSync(path, to);
  };
}
