import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteAbandoned, ownName } from '../../base/abandoned-files.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { linesOf } from '../../base/lines.ts';
import { PRIVATE_FILE } from '../../base/private-paths.ts';

const WRITE_CHARACTERS = 64 * 1024;

const FOLDER_PREFIX = 'oss-livechannel-export-';

/** A folder for files that are needed for a while. It is private: rows have names and settings of users. */
export interface SpoolFolder {
  create(name: string): Promise<LineSpool>;
  remove(): Promise<void>;
}

/**
 * What processes that were killed have left is deleted.
 *
 * @throws UsageError when there is no folder for temporary files
 */
export async function makeSpoolFolder(): Promise<SpoolFolder> {
  const parent = tmpdir();
  try {
    await deleteAbandoned(parent, FOLDER_PREFIX);
    const folder = await mkdtemp(`${join(parent, ownName(FOLDER_PREFIX))}-`);
    const spools: LineSpool[] = [];
    return {
      async create(name) {
        const spool = await LineSpool.create(join(folder, name));
        spools.push(spool);
        return spool;
      },
      async remove() {
        // Not all were closed where something has failed; what cannot be written any more is not wanted any more.
        for (const spool of spools) await spool.close().catch(() => {});
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    throw new UsageError(
      `Temporary files cannot be made in ${parent} (${errorText(error)}): name another folder in the variable TMPDIR.`,
    );
  }
}

/** Lines that are too many for the memory: written once, then read from the first to the last, as often as wanted. */
export class LineSpool {
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #sizeBytes = 0;
  #count = 0;
  #isOpen = true;

  static async create(path: string): Promise<LineSpool> {
    return new LineSpool(path, await open(path, 'wx', PRIVATE_FILE));
  }

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** How many lines there are. */
  get count(): number {
    return this.#count;
  }

  /** Of all lines with their line feeds, once it is closed. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param line without a line feed in it, as JSON is */
  async add(line: string): Promise<void> {
    this.#waiting.push(line, '\n');
    this.#waitingCharacters += line.length + 1;
    this.#count += 1;
    if (this.#waitingCharacters >= WRITE_CHARACTERS) await this.#write();
  }

  /** Before it is read; may be called again. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#write();
    } finally {
      await this.#file.close();
    }
  }

  chunks(): AsyncIterable<Buffer> {
    return createReadStream(this.#path);
  }

  /** Many at a time. */
  lines(): AsyncGenerator<readonly string[]> {
    return linesOf(this.chunks());
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#sizeBytes += bytes.length;
    await this.#file.appendFile(bytes);
  }
}
