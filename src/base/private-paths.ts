/**
 * What is kept on disk holds the secrets of temporary keys and rooms, a private key, and other people's files: nobody but the
 * owner may read it, whatever the umask of the process.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasErrorCode } from './error-code.ts';
import { UsageError } from './errors.ts';

export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/** Makes the folder and its parents, each private; one that exists is made so only with `evenIfThere`. */
export function makePrivateFolder(path: string, { evenIfThere = false } = {}): void {
  makeFolder(path);
  if (evenIfThere) makePrivate(path, PRIVATE_FOLDER);
}

/**
 * One parent after the other: where a folder cannot be made although its parent exists, as in /proc, Node's own recursion
 * never ends.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, PRIVATE_FOLDER);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') && dirname(path) !== path && !isFolder(dirname(path))) {
      makeFolder(dirname(path));
      mkdirSync(path, PRIVATE_FOLDER);
      return;
    }
    if (hasErrorCode(error, 'EEXIST', 'EROFS') && isFolder(path)) return;
    throw error;
  }
}

/** The path itself, or the nearest folder above it that there is; absolute. */
export function nearestThere(path: string): string {
  let found = resolve(path);
  while (!existsSync(found)) found = dirname(found);
  return found;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Makes an empty private file where there is nothing; a file that exists is made private. */
export function makePrivateFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) closeSync(openSync(path, 'wx', PRIVATE_FILE));
  else if (found.isFile()) makePrivate(path, PRIVATE_FILE);
}

/**
 * Before a file is opened whose name somebody else may have used: the open of a FIFO would wait for ever, and a
 * device has no end.
 * @throws UsageError when something else than a regular file is there
 */
export function refuseOtherThanFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new UsageError(`${path} is no regular file: move it away, or choose another --data-dir.`);
}

function makePrivate(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    // Somebody else owns it, or the file system has no modes or cannot be written: whether it can be used is found out later.
    if (!hasErrorCode(error, 'EPERM', 'ENOTSUP', 'EROFS', 'ENOENT')) throw error;
  }
}
