import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { PRIVATE_FILE, refuseOtherThanFile } from '../../base/private-paths.ts';
import { machineFault } from '../machine-fault.ts';

/** As much as the log of SQLite can hold before it is moved into the database, 1000 pages, and some more. */
const RESERVE_BYTES = 5 * 1024 * 1024;
/** Not compressible, because some file systems compress, up to 128 KiB at once. */
const BLOCK_BYTES = 256 * 1024;

/**
 * Room on the disk that is given up for deletions. SQLite needs room to delete a row too, so that without it nothing could be
 * deleted from a full disk.
 */
export class Reserve {
  readonly #path: string;
  readonly #isAtPath: () => boolean;
  #isTaken: boolean;

  /**
   * @param path of the file that takes the room; its folder exists
   * @param isAtPath whether that folder is still the same one; another one is left alone
   * @throws UsageError when something else than a file is there
   */
  constructor(path: string, isAtPath = () => true) {
    refuseOtherThanFile(path);
    this.#path = path;
    this.#isAtPath = isAtPath;
    this.#isTaken = existsSync(path) && statSync(path).size >= RESERVE_BYTES;
    const { bavail, bsize } = statfsSync(dirname(path));
    // The start writes too.
    if (bavail * bsize < RESERVE_BYTES) this.release();
  }

  /** Takes the room, or as much of it as there is; the rest another time. */
  take(): void {
    if (this.#isTaken || !this.#isAtPath()) return;
    try {
      fill(this.#path);
      this.#isTaken = true;
    } catch (error) {
      if (machineFault(error) === undefined) throw error;
    }
  }

  release(): void {
    if (this.#isAtPath()) rmSync(this.#path, { force: true });
    this.#isTaken = false;
  }
}

/** @throws Error ENOSPC when there is less room; what there is, is taken */
function fill(path: string): void {
  const block = randomBytes(BLOCK_BYTES);
  const descriptor = openSync(path, 'a', PRIVATE_FILE);
  try {
    let left = RESERVE_BYTES - fstatSync(descriptor).size;
    while (left > 0) left -= writeSync(descriptor, block, 0, Math.min(left, BLOCK_BYTES));
  } finally {
    closeSync(descriptor);
  }
}
