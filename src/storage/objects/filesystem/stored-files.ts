import { type Dir, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';
import { isStoredName } from './locations.ts';

/** Entries that are read from the disk at once. */
const BUFFER_ENTRIES = 256;

/** What lies below the root of a store: a file, or a folder with nothing in it. */
export interface StoredEntry {
  readonly kind: 'file' | 'empty folder';
  readonly location: string;
}

interface Level {
  readonly folder: Dir;
  /** Below the root, which is the empty text itself. */
  readonly location: string;
  isEmpty: boolean;
}

/**
 * Everything that the store may have made, one folder after the other, each entry when it is asked for. What a person put there
 * and the store cannot have made is left out: files beside the folders of buckets, hidden files, links. An entry may be removed
 * meanwhile; one that comes meanwhile is found or not.
 */
export function* storedEntries(root: string): Generator<StoredEntry> {
  const levels: Level[] = [];
  const enter = (location: string) => {
    const folder = openFolder(join(root, location));
    if (folder) levels.push({ folder, location, isEmpty: true });
  };
  try {
    enter('');
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const entry = level.folder.readSync();
      if (!entry) {
        levels.pop();
        level.folder.closeSync();
        if (level.isEmpty && level.location !== '') yield { kind: 'empty folder', location: level.location };
        continue;
      }
      level.isEmpty = false;
      const isInRoot = level.location === '';
      if (!isStoredName(entry.name, isInRoot)) continue;
      const location = isInRoot ? entry.name : `${level.location}/${entry.name}`;
      if (entry.isDirectory()) enter(location);
      else if (entry.isFile() && !isInRoot) yield { kind: 'file', location };
    }
  } finally {
    for (const { folder } of levels) folder.closeSync();
  }
}

/** Whether there is any file that the store may have made. */
export function holdsFiles(root: string): boolean {
  for (const { kind } of storedEntries(root)) {
    if (kind === 'file') return true;
  }
  return false;
}

/** Undefined when it was removed meanwhile, or may not be read: nothing in it is known then. */
function openFolder(path: string): Dir | undefined {
  try {
    return opendirSync(path, { bufferSize: BUFFER_ENTRIES });
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
