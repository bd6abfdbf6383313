import { dirname, join } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';
import { PRIVATE_FILE } from '../../../base/private-paths.ts';
import type { ObjectHint, ObjectWriter } from '../object-store.ts';
import type { BlockPool } from './block-pool.ts';
import type { Disk, FileWork } from './disk.ts';
import { closeFile, fileExists, makeFolder, openFile, renameFile, unlinkFile, writeBytes } from './file-calls.ts';
import { candidateLocations } from './locations.ts';
import type { OccupiedFolders } from './occupied-folders.ts';

/** So many times an empty folder may be removed between the moment it is made and the moment a file is put into it. */
const FOLDER_ATTEMPTS = 5;

/** Where files are written, and what writers share there. */
export interface WritingPlace {
  readonly root: string;
  readonly disk: Disk;
  readonly blocks: BlockPool;
  /** @throws Error when another folder has taken the place of this one */
  readonly checkPath: () => void;
  /** Locations that files are being moved to. */
  readonly reserved: Set<string>;
  /** Of the files that have been moved there. */
  readonly occupied: OccupiedFolders;
  /** Called before a file is moved to the location, which is free. */
  readonly onPlaced: (location: string) => void;
}

/**
 * Writes block by block to a temporary file, which is moved to its location when it is complete. `write` and `commit` throw
 * the errors of the disk (ENOSPC, EIO).
 */
export class FileWriter implements ObjectWriter {
  sizeBytes = 0;
  readonly #place: WritingPlace;
  readonly #hint: ObjectHint;
  readonly #incomingPath: string;
  #descriptor: number | undefined;
  #block: Buffer | undefined;
  /** How many bytes of the block are not in the file yet. */
  #gatheredBytes = 0;

  /** @param incomingPath of the temporary file */
  constructor(place: WritingPlace, hint: ObjectHint, incomingPath: string) {
    this.#place = place;
    this.#hint = hint;
    this.#incomingPath = incomingPath;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.sizeBytes += chunk.length;
    let written: Promise<void> | undefined;
    for (let taken = 0; taken < chunk.length; ) {
      this.#block ??= this.#place.blocks.take();
      const copied = chunk.copy(this.#block, this.#gatheredBytes, taken);
      this.#gatheredBytes += copied;
      taken += copied;
      if (this.#gatheredBytes === this.#block.length) written = this.#flush(written);
    }
    return written;
  }

  async commit(): Promise<string> {
    const { disk, checkPath } = this.#place;
    try {
      // Bytes went into the folder before, which may have been moved since: they are renamed by path.
      if (this.#descriptor !== undefined) checkPath();
      await this.#flush(undefined);
      return await disk.run(this.#finish());
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    await this.#place.disk.run(this.#discard());
  }

  /** Writes the block, after those `before` it. Returns a promise when that takes a while. */
  #flush(before: Promise<void> | undefined): Promise<void> | undefined {
    const { disk, blocks } = this.#place;
    const block = this.#block;
    const sizeBytes = this.#gatheredBytes;
    if (!block) return before;
    this.#block = undefined;
    this.#gatheredBytes = 0;
    let written: Promise<void> | undefined;
    const write = () => disk.run(this.#append(block, sizeBytes));
    try {
      written = before ? before.then(write) : (write() ?? undefined);
    } finally {
      if (!written) blocks.giveBack(block);
    }
    return written?.finally(() => blocks.giveBack(block));
  }

  *#append(block: Buffer, sizeBytes: number): FileWork<void> {
    yield* writeBytes(yield* this.#open(), block, sizeBytes);
  }

  *#open(): FileWork<number> {
    if (this.#descriptor === undefined) {
      this.#place.checkPath();
      this.#descriptor = yield* openIncoming(this.#incomingPath);
    }
    return this.#descriptor;
  }

  *#finish(): FileWork<string> {
    // One without a byte has none yet.
    yield* this.#open();
    yield* this.#close();
    return yield* moveIntoPlace(this.#incomingPath, this.#place, this.#hint);
  }

  *#close(): FileWork<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) yield* closeFile(descriptor);
  }

  *#discard(): FileWork<void> {
    if (this.#block) this.#place.blocks.giveBack(this.#block);
    this.#block = undefined;
    yield* this.#close();
    try {
      yield* unlinkFile(this.#incomingPath);
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    }
  }
}

/** Makes the folders again that somebody has removed, but not the data folder above them: it was moved, and goes on elsewhere. */
function* openIncoming(path: string): FileWork<number> {
  try {
    return yield* openFile(path, 'wx', PRIVATE_FILE);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
  const incoming = dirname(path);
  for (const folder of [dirname(incoming), incoming]) yield* makeFolderUnlessThere(folder);
  return yield* openFile(path, 'wx', PRIVATE_FILE);
}

/** Another writer may have made it just now. */
function* makeFolderUnlessThere(path: string): FileWork<void> {
  try {
    yield* makeFolder(path);
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  }
}

function* moveIntoPlace(incomingPath: string, place: WritingPlace, hint: ObjectHint): FileWork<string> {
  const { root, reserved, occupied, onPlaced } = place;
  for (const location of candidateLocations(hint)) {
    if (reserved.has(location)) continue;
    reserved.add(location);
    try {
      if (!(yield* moveTo(incomingPath, join(root, location), () => onPlaced(location)))) continue;
      occupied.add(location);
      return location;
    } finally {
      reserved.delete(location);
    }
  }
  throw new Error(`no free file name for the object ${hint.key} in ${join(root, hint.bucket)}`);
}

/**
 * False when the path is taken, also by a folder that another writer has made just now. No other process writes below the root,
 * and the location is reserved between the check and the rename. A file that reserves the path is no solution: ext4
 * (auto_da_alloc) would force its replacement to the disk at once.
 */
function* moveTo(incomingPath: string, path: string, onFree: () => void): FileWork<boolean> {
  for (let attempt = 1; !(yield* fileExists(path)); attempt++) {
    onFree();
    try {
      yield* renameFile(incomingPath, path);
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG')) return false;
      if (!hasErrorCode(error, 'ENOENT') || attempt === FOLDER_ATTEMPTS) throw error;
    }
    if (!(yield* makeParent(path))) return false;
  }
  return false;
}

/** False when a parent of the path is a file: the key `a` exists, and the new key is `a/b`. */
function* makeParent(path: string): FileWork<boolean> {
  try {
    yield* makeFolders(dirname(path));
    return true;
  } catch (error) {
    // Somebody has removed a folder right after it was made.
    if (hasErrorCode(error, 'ENOENT')) return true;
    if (hasErrorCode(error, 'ENOTDIR', 'ENAMETOOLONG')) return false;
    throw error;
  }
}

/** One parent after the other: Node's own recursion may never end, see `private-paths.ts`. */
function* makeFolders(path: string): FileWork<void> {
  try {
    yield* makeFolderUnlessThere(path);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT') || dirname(path) === path) throw error;
    yield* makeFolders(dirname(path));
    yield* makeFolderUnlessThere(path);
  }
}
