import {
  closeSync,
  createReadStream,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { mkdir, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { candidateLocations, resolveLocation } from './filesystem/locations.ts';
import { LocationNotFound, type ObjectHint, type ObjectReader, type ObjectStore, type ObjectWriter } from './store.ts';

export interface FilesystemStoreOptions {
  /** The folder that holds everything; made when it does not exist. No other store may use it at the same time. */
  readonly root: string;
}

/** Below the root; starts with a dot, so no bucket's folder can have this name. */
const INCOMING_FOLDER = '.incoming';
/** Gathered until written: blocks of this size cost the least CPU per MiB, whatever the size of the chunks. */
const BLOCK_BYTES = 256 * 1024;
/** Many tiny chunks are written earlier: each may hold on to a larger buffer that it is a slice of. */
const BLOCK_CHUNKS = 512;
const STREAM_CHUNK_BYTES = 256 * 1024;
/** How often a folder may vanish, being empty, between making it and putting a file into it. */
const FOLDER_ATTEMPTS = 5;

/**
 * Keeps the bytes of objects as files that a person recognizes: `<root>/<bucket>/<key>` wherever that is possible. Bytes
 * are written aside and renamed when they are complete; leftovers of a process that died are removed here.
 */
export async function openFilesystemStore(options: FilesystemStoreOptions): Promise<ObjectStore> {
  const { root } = options;
  const incoming = join(root, INCOMING_FOLDER);
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  let created = 0;
  return {
    create: (hint) => {
      created += 1;
      return new FileWriter(root, hint, join(incoming, String(created)));
    },
    open: (location) => openFile(root, location),
    delete: (location) => deleteFile(root, location),
    close: async () => {},
  };
}

/**
 * Writes synchronously: on a local disk that costs less CPU than a trip through the thread pool per block, and never
 * blocks for long, because the bytes go to the page cache. `write` and `commit` throw what the disk says (ENOSPC, EIO).
 */
class FileWriter implements ObjectWriter {
  sizeBytes = 0;
  readonly #root: string;
  readonly #hint: ObjectHint;
  readonly #incomingPath: string;
  #descriptor: number | undefined;
  #chunks: Buffer[] = [];
  #gatheredBytes = 0;

  constructor(root: string, hint: ObjectHint, incomingPath: string) {
    this.#root = root;
    this.#hint = hint;
    this.#incomingPath = incomingPath;
  }

  write(chunk: Buffer): undefined {
    this.#chunks.push(chunk);
    this.#gatheredBytes += chunk.length;
    this.sizeBytes += chunk.length;
    if (this.#gatheredBytes >= BLOCK_BYTES || this.#chunks.length >= BLOCK_CHUNKS) this.#flush();
  }

  async commit(): Promise<string> {
    try {
      this.#flush();
      this.#close();
      return moveIntoPlace(this.#incomingPath, this.#root, this.#hint);
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.#close();
    this.#chunks = [];
    rmSync(this.#incomingPath, { force: true });
  }

  #flush(): void {
    this.#descriptor ??= openSync(this.#incomingPath, 'wx');
    writeAll(this.#descriptor, this.#chunks, this.#gatheredBytes);
    this.#chunks = [];
    this.#gatheredBytes = 0;
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function writeAll(descriptor: number, chunks: readonly Buffer[], sizeBytes: number): void {
  if (sizeBytes === 0) return;
  const writtenBytes = writevSync(descriptor, chunks);
  if (writtenBytes === sizeBytes) return;
  const rest = Buffer.concat(chunks).subarray(writtenBytes);
  for (let at = 0; at < rest.length; ) at += writeSync(descriptor, rest, at);
}

function moveIntoPlace(incomingPath: string, root: string, hint: ObjectHint): string {
  for (const location of candidateLocations(hint)) {
    const path = join(root, location);
    if (!reserve(path)) continue;
    renameSync(incomingPath, path);
    return location;
  }
  throw new Error(`no free file name for the object ${hint.key} in ${join(root, hint.bucket)}`);
}

/** Makes an empty file where nothing was, so that the rename overwrites nobody's; false when the place is not free. */
function reserve(path: string): boolean {
  for (let attempt = 0; attempt < FOLDER_ATTEMPTS; attempt++) {
    try {
      closeSync(openSync(path, 'wx'));
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG')) return false;
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    if (!makeFolder(dirname(path))) return false;
  }
  return false;
}

/** False when a file is in the way: the key `a` is one, and now comes the key `a/b`. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG')) return false;
    throw error;
  }
}

/** Opens synchronously and streams a bare descriptor: a third of what a FileHandle and its stream cost per small file. */
async function openFile(root: string, location: string): Promise<ObjectReader> {
  const path = resolveLocation(root, location);
  const descriptor = openExisting(path, location);
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) {
    closeSync(descriptor);
    throw new LocationNotFound(location);
  }
  let isOurs = true;
  return {
    sizeBytes: stats.size,
    stream: (range) => {
      isOurs = false;
      return createReadStream(path, { ...range, fd: descriptor, highWaterMark: STREAM_CHUNK_BYTES });
    },
    // Once the stream has closed the descriptor, its number may be another file's.
    close: async () => {
      if (isOurs) closeSync(descriptor);
      isOurs = false;
    },
  };
}

function openExisting(path: string, location: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw new LocationNotFound(location);
    throw error;
  }
}

async function deleteFile(root: string, location: string): Promise<void> {
  const path = resolveLocation(root, location);
  try {
    await unlink(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  await removeEmptyFolders(root, posix.dirname(location));
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let current = folder; current !== '.'; current = posix.dirname(current)) {
    try {
      await rmdir(join(root, current));
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return;
      throw error;
    }
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
