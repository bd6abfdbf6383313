import { lstatSync, renameSync } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';
import { errorText } from '../../../base/error-text.ts';
import { makePrivateFolder } from '../../../base/private-paths.ts';
import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import { machineFault } from '../../machine-fault.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import { Disk } from './disk.ts';
import { removeEmptyFolders } from './empty-folders.ts';
import { resolveLocation } from './locations.ts';
import { storedEntries } from './stored-files.ts';

export interface SweptFiles {
  readonly count: number;
  readonly sizeBytes: number;
}

/** What a sweep did. */
export interface Swept extends SweptFiles {
  /** Those that could not be moved; the next sweep tries again. Undefined when there are none. */
  readonly left?: LeftFiles | undefined;
}

export interface LeftFiles {
  readonly count: number;
  /** Of the first one. */
  readonly error: string;
}

export interface SweepOptions {
  readonly root: string;
  /** Whether the folder at `root` is still the one that was opened. Otherwise the sweep ends. */
  readonly isAtPath: () => boolean;
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
export async function sweepFiles(options: SweepOptions): Promise<Swept> {
  const { root, isAtPath, named, written, moveTo, signal } = options;
  const disk = new Disk();
  const known = await collectLocations(named, signal);
  let count = 0;
  let sizeBytes = 0;
  let looked = 0;
  let left: LeftFiles | undefined;
  for (const { kind, location } of storedEntries(root)) {
    if (++looked % TURN_ENTRIES === 0) await turnOfTheLoop();
    if (signal.aborted || !isAtPath()) break;
    if (kind === 'empty folder') {
      await disk.run(removeEmptyFolders(root, location));
    } else if (!known.has(location)) {
      // Whoever has just deleted a row deletes its bytes in this turn; and `written` is looked at when nothing else runs.
      await turnOfTheLoop();
      if (written.has(location)) continue;
      if (!isAtPath()) break;
      try {
        const movedBytes = await moveFile({ root, location, moveTo, disk });
        if (movedBytes === undefined) continue;
        count += 1;
        sizeBytes += movedBytes;
      } catch (error) {
        if (machineFault(error) === undefined && !hasErrorCode(error, 'EBUSY')) throw error;
        left = { count: (left?.count ?? 0) + 1, error: left?.error ?? errorText(error) };
      }
    }
  }
  return { count, sizeBytes, left };
}

interface Move extends Pick<SweepOptions, 'root' | 'moveTo'> {
  readonly location: string;
  readonly disk: Disk;
}

/**
 * Resolves to its size; undefined when it is gone already.
 * @throws Error of the system when it cannot be moved
 */
async function moveFile({ root, location, moveTo, disk }: Move): Promise<number | undefined> {
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
    await disk.run(removeEmptyFolders(root, posix.dirname(location)));
    return size;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
