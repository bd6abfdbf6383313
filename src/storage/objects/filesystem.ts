import { randomBytes } from 'node:crypto';
import { accessSync, constants, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { hasErrorCode } from '../../base/error-code.ts';
import { makePrivateFolder } from '../../base/private-paths.ts';
import { BlockPool } from './filesystem/block-pool.ts';
import { Disk, type FileWork } from './filesystem/disk.ts';
import { removeEmptyFolders } from './filesystem/empty-folders.ts';
import { closeFile, fileStats, openFile, unlinkFile } from './filesystem/file-calls.ts';
import { fileReader } from './filesystem/file-reader.ts';
import { FileWriter, type WritingPlace } from './filesystem/file-writer.ts';
import { isStoredName, resolveLocation } from './filesystem/locations.ts';
import { OccupiedFolders } from './filesystem/occupied-folders.ts';
import { type SweepOptions, type Swept, sweepFiles } from './filesystem/sweep.ts';
import { LocationNotFound, type ObjectReader, type ObjectStore } from './object-store.ts';

export interface FilesystemStoreOptions {
  /** The folder that holds everything; made when it does not exist. No other store may use it at the same time. */
  readonly root: string;
  /**
   * Whether the folder at `root` is still this one. In another one that has taken its place nothing is written, read, deleted or
   * moved. Always, without.
   */
  readonly isAtPath?: () => boolean;
  readonly disk?: Disk;
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
/**
 * Keeps the bytes of objects as files with recognizable names: `<root>/<bucket>/<key>` where that is possible. Bytes
 * are written to a temporary file, which is renamed when they are complete; temporary files that a killed process left
 * are removed when the store is opened.
 */
export async function openFilesystemStore(options: FilesystemStoreOptions): Promise<FilesystemStore> {
  const { root, isAtPath = () => true, disk = new Disk(), onUndeleted } = options;
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
  const place: WritingPlace = {
    root,
    disk,
    blocks: new BlockPool(),
    checkPath,
    reserved: new Set(),
    occupied: new OccupiedFolders(),
    onPlaced(location) {
      if (!isSwept) written.add(location);
    },
  };
  const written = new Set<string>();
  let isSwept = false;
  let created = 0;
  return {
    create: (hint) => {
      created += 1;
      return new FileWriter(place, hint, join(incoming, `${own}-${created}`));
    },
    async open(location) {
      checkPath();
      return disk.run(openReader(place, location));
    },
    async delete(location) {
      try {
        checkPath();
        await disk.run(deleteFile(place, location));
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

/** Opens synchronously, where the disk is quick: for a small file this takes a third of the time of a FileHandle. */
function* openReader({ root, disk, blocks }: WritingPlace, location: string): FileWork<ObjectReader> {
  const descriptor = yield* openExisting(resolveLocation(root, location), location);
  const stats = yield* fileStats(descriptor);
  if (stats.isFile()) return fileReader({ descriptor, sizeBytes: stats.size, disk, blocks });
  yield* closeFile(descriptor);
  throw new LocationNotFound(location);
}

/** Without waiting: the open of a FIFO that somebody has put there would stop everything. */
function* openExisting(path: string, location: string): FileWork<number> {
  try {
    return yield* openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw new LocationNotFound(location);
    throw error;
  }
}

function* deleteFile({ root, occupied }: WritingPlace, location: string): FileWork<void> {
  const path = resolveLocation(root, location);
  try {
    yield* unlinkFile(path);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    occupied.delete(location);
    return;
  }
  if (!occupied.delete(location)) yield* removeEmptyFolders(root, posix.dirname(location));
}
