import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { hasErrorCode } from '../../base/error-code.ts';
import { makePrivateFolder, PRIVATE_FILE, PRIVATE_FOLDER } from '../../base/private-paths.ts';
import { BlockPool } from './filesystem/block-pool.ts';
import { removeEmptyFolders } from './filesystem/empty-folders.ts';
import { fileReader } from './filesystem/file-reader.ts';
import { candidateLocations, isStoredName, resolveLocation } from './filesystem/locations.ts';
import { type SweepOptions, type Swept, sweepFiles } from './filesystem/sweep.ts';
import {
  LocationNotFound,
  type ObjectHint,
  type ObjectReader,
  type ObjectStore,
  type ObjectWriter,
} from './object-store.ts';

export interface FilesystemStoreOptions {
  /** The folder that holds everything; made when it does not exist. No other store may use it at the same time. */
  readonly root: string;
  /**
   * Whether the folder at `root` is still this one. In another one that has taken its place nothing is written, read, deleted or
   * moved. Always, without.
   */
  readonly isAtPath?: () => boolean;
  /** Bytes that no row names any longer could not be deleted; the sweep of the next start tries again. */
  readonly onUndeleted?: (location: string, error: unknown) => void;
}

export interface FilesystemStore extends ObjectStore {
  /**
   * Moves away the files that no row names. To be called once: until it has ended, the locations that are written are
   * remembered. `named` is read once, after the call.
   */
  sweep(options: Pick<SweepOptions, 'named' | 'moveTo' | 'signal'>): Promise<Swept>;
}

/** Below the root; starts with a dot, so no bucket's folder can have this name. */
const INCOMING_FOLDER = '.incoming';
/** So many times an empty folder may be removed between the moment it is made and the moment a file is put into it. */
const FOLDER_ATTEMPTS = 5;

/**
 * Keeps the bytes of objects as files with recognizable names: `<root>/<bucket>/<key>` where that is possible. Bytes
 * are written to a temporary file, which is renamed when they are complete; temporary files that a killed process left
 * are removed when the store is opened.
 */
export async function openFilesystemStore(options: FilesystemStoreOptions): Promise<FilesystemStore> {
  const { root, isAtPath = () => true, onUndeleted } = options;
  const checkPath = () => {
    if (!isAtPath()) throw new FolderReplaced(root);
  };
  const incoming = join(root, INCOMING_FOLDER);
  await rm(incoming, { recursive: true, force: true });
  // Also that of an earlier version, with the modes of its umask; nobody else can pass it to what is below.
  makePrivateFolder(root, { evenIfThere: true });
  makePrivateFolder(incoming);
  checkRights(root);
  // In another folder at this path they are not those of its process.
  const own = randomBytes(4).toString('hex');
  const blocks = new BlockPool();
  const written = new Set<string>();
  let isSwept = false;
  let created = 0;
  return {
    create: (hint) => {
      created += 1;
      const onCommitted = (location: string) => {
        if (!isSwept) written.add(location);
      };
      const incomingPath = join(incoming, `${own}-${created}`);
      return new FileWriter({ root, hint, blocks, incomingPath, checkPath, onCommitted });
    },
    async open(location) {
      checkPath();
      return openFile(root, location, blocks);
    },
    async delete(location) {
      try {
        checkPath();
        deleteFile(root, location);
      } catch (error) {
        if (error instanceof LocationNotFound) throw error;
        onUndeleted?.(location, error);
      }
    },
    close: async () => {},
    async sweep({ named, moveTo, signal }) {
      try {
        return await sweepFiles({ root, isAtPath, named, written, moveTo, signal });
      } finally {
        isSwept = true;
        written.clear();
      }
    },
  };
}

/** The folder was moved, and another one is at its path. For whoever asks for the code it is not there. */
class FolderReplaced extends Error {
  readonly code = 'ENOENT';

  constructor(root: string) {
    super(`${root} is not the folder that was opened`);
  }
}

/** Of the folders of buckets: what is in one without rights would seem to be gone. */
function checkRights(root: string): void {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isStoredName(entry.name, true)) continue;
    accessSync(join(root, entry.name), constants.R_OK | constants.W_OK | constants.X_OK);
  }
}

interface FileWriterOptions {
  readonly root: string;
  readonly hint: ObjectHint;
  readonly blocks: BlockPool;
  readonly incomingPath: string;
  /** @throws FolderReplaced */
  readonly checkPath: () => void;
  readonly onCommitted: (location: string) => void;
}

/**
 * Writes synchronously, block by block: on a local disk that costs less CPU time than the thread pool, and it does not
 * block for long, because the bytes go to the page cache. `write` and `commit` throw the errors of the disk (ENOSPC,
 * EIO).
 */
class FileWriter implements ObjectWriter {
  sizeBytes = 0;
  readonly #options: FileWriterOptions;
  #descriptor: number | undefined;
  #block: Buffer | undefined;
  /** How many bytes of the block are not in the file yet. */
  #gatheredBytes = 0;

  constructor(options: FileWriterOptions) {
    this.#options = options;
  }

  write(chunk: Buffer): undefined {
    this.#block ??= this.#options.blocks.take();
    this.sizeBytes += chunk.length;
    for (let taken = 0; taken < chunk.length; ) {
      const copied = chunk.copy(this.#block, this.#gatheredBytes, taken);
      this.#gatheredBytes += copied;
      taken += copied;
      if (this.#gatheredBytes === this.#block.length) this.#flush();
    }
  }

  async commit(): Promise<string> {
    const { incomingPath, root, hint, checkPath, onCommitted } = this.#options;
    try {
      // Also for bytes that went into the folder before it was moved: they are renamed by path.
      checkPath();
      this.#flush();
      this.#close();
      const location = moveIntoPlace(incomingPath, root, hint);
      onCommitted(location);
      return location;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.#close();
    rmSync(this.#options.incomingPath, { force: true });
  }

  #flush(): void {
    this.#descriptor ??= this.#open();
    if (this.#block) writeAll(this.#descriptor, this.#block, this.#gatheredBytes);
    this.#gatheredBytes = 0;
  }

  #open(): number {
    this.#options.checkPath();
    return openIncoming(this.#options.incomingPath);
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (this.#block) this.#options.blocks.giveBack(this.#block);
    this.#block = undefined;
    this.#gatheredBytes = 0;
  }
}

/** Makes the folders again that somebody has removed, but not the data folder above them: it was moved, and goes on elsewhere. */
function openIncoming(path: string): number {
  try {
    return openSync(path, 'wx', PRIVATE_FILE);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    const incoming = dirname(path);
    for (const folder of [dirname(incoming), incoming]) if (!existsSync(folder)) mkdirSync(folder, PRIVATE_FOLDER);
    return openSync(path, 'wx', PRIVATE_FILE);
  }
}

function writeAll(descriptor: number, bytes: Buffer, sizeBytes: number): void {
  for (let at = 0; at < sizeBytes; ) at += writeSync(descriptor, bytes, at, sizeBytes - at);
}

function moveIntoPlace(incomingPath: string, root: string, hint: ObjectHint): string {
  for (const location of candidateLocations(hint)) {
    if (moveTo(incomingPath, join(root, location))) return location;
  }
  throw new Error(`no free file name for the object ${hint.key} in ${join(root, hint.bucket)}`);
}

/**
 * False when the path is taken. No other process writes below the root, and nothing runs between the check and the
 * rename. A file that reserves the path is no solution: ext4 (auto_da_alloc) would force its replacement to the disk at
 * once.
 */
function moveTo(incomingPath: string, path: string): boolean {
  for (let attempt = 1; !existsSync(path); attempt++) {
    try {
      renameSync(incomingPath, path);
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'ENOTDIR', 'ENAMETOOLONG')) return false;
      if (!hasErrorCode(error, 'ENOENT') || attempt === FOLDER_ATTEMPTS) throw error;
    }
    if (!makeFolder(dirname(path))) return false;
  }
  return false;
}

/** False when a parent of the path is a file: the key `a` exists, and the new key is `a/b`. */
function makeFolder(path: string): boolean {
  try {
    makePrivateFolder(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG')) return false;
    throw error;
  }
}

/** Opens synchronously: for a small file this takes a third of the time of a FileHandle. */
async function openFile(root: string, location: string, blocks: BlockPool): Promise<ObjectReader> {
  const descriptor = openExisting(resolveLocation(root, location), location);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return fileReader(descriptor, stats.size, blocks);
  closeSync(descriptor);
  throw new LocationNotFound(location);
}

/** Without waiting: the open of a FIFO that somebody has put there would stop everything. */
function openExisting(path: string, location: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw new LocationNotFound(location);
    throw error;
  }
}

function deleteFile(root: string, location: string): void {
  const path = resolveLocation(root, location);
  try {
    unlinkSync(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  removeEmptyFolders(root, posix.dirname(location));
}
