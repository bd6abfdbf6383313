import { createHash, type Hash } from 'node:crypto';
import { createTarPacker, type TarPackController } from 'modern-tar';
import type { ReportProgress } from '../../base/progress.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { NamedBytes } from '../../storage/metadata/records.ts';
import type { StoredRow } from '../../storage/metadata/stored-rows.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import { joinedChunks } from '../../storage/objects/objects.ts';
import { isMade } from '../seed/made-bytes.ts';
import {
  bytesEntry,
  END_ENTRY,
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportHead,
  HEAD_ENTRY,
  ROWS_ENTRY,
} from './export-format.ts';
import { exportedKind } from './exported-documents.ts';
import { type LineSpool, makeSpoolFolder, type SpoolFolder } from './line-spool.ts';

export interface ExportSource {
  readonly metadata: Pick<MetadataStore, 'readAll'>;
  readonly bytes: Pick<ObjectStore, 'open'>;
  /** Until it is called, what a row named stays. */
  readonly release: () => Promise<void>;
  readonly about: Pick<ExportHead, 'emulator' | 'createdMs' | 'clock'>;
}

/** A block of a tar archive. Source: POSIX.1-2017, pax, ustar Interchange Format. */
const BLOCK_BYTES = 512;
/** Two blocks of zeros end the archive. */
const END_BYTES = 2 * BLOCK_BYTES;
/** An entry that is longer has a header more. */
const MAX_PLAIN_BYTES = 8 ** 11 - 1;

/**
 * An export of everything as it was when it was begun. Its rows are in a temporary file, because whoever reads the export may be
 * slow and nobody else shall wait for that. The bytes of objects never change, so that they are read when their turn comes.
 */
export class ExportFile {
  /** Of the whole file; undefined where an object is so large that the archive has a header more. */
  readonly sizeBytes: number | undefined;
  readonly head: ExportHead;
  readonly #source: ExportSource;
  readonly #spooled: SpooledRows;
  readonly #folder: SpoolFolder;
  #isClosed = false;

  /** Reads the rows. The source is released when `chunks` has ended, or by `close`. */
  static async begin(source: ExportSource): Promise<ExportFile> {
    let folder: SpoolFolder | undefined;
    try {
      folder = await makeSpoolFolder();
      return new ExportFile(source, await spoolRows(source.metadata, folder), folder);
    } catch (error) {
      await folder?.remove();
      await source.release();
      throw error;
    }
  }

  private constructor(source: ExportSource, spooled: SpooledRows, folder: SpoolFolder) {
    this.#source = source;
    this.#spooled = spooled;
    this.#folder = folder;
    this.head = {
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      ...source.about,
      rows: spooled.rows.count,
      byteStrings: spooled.named.count,
      sizeBytes: spooled.namedBytes,
    };
    const own = [this.#headText, JSON.stringify(endOf(createHash('sha256')))].map((text) => Buffer.byteLength(text));
    const archived = [spooled.rows.sizeBytes, ...own].reduce((sum, size) => sum + archivedBytes(size), END_BYTES);
    this.sizeBytes = spooled.hasHuge ? undefined : archived + spooled.archivedBytes;
  }

  get #headText(): string {
    return JSON.stringify(this.head, undefined, 2);
  }

  /** Once. Ends with an error when bytes that a row names are not there. */
  async *chunks(report: ReportProgress): AsyncGenerator<Uint8Array> {
    try {
      const { readable, controller } = createTarPacker();
      const written = this.#write(controller, report).catch((error: unknown) => controller.error(error));
      try {
        yield* readable;
      } finally {
        await written;
      }
    } finally {
      await this.close();
    }
  }

  /** May be called again. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#folder.remove();
    await this.#source.release();
  }

  async #write(archive: TarPackController, report: ReportProgress): Promise<void> {
    const { createdMs } = this.head;
    const { rows, named } = this.#spooled;
    const hash = createHash('sha256');
    const add = async (name: string, size: number, chunks: AsyncIterable<Buffer> | Iterable<Buffer>) => {
      const mtime = new Date(Math.max(0, createdMs));
      const entry = archive.add({ name, size, mtime, mode: 0o600 }).getWriter();
      for await (const chunk of chunks) {
        hash.update(chunk);
        // A copy: the store may use the memory of the chunk again.
        await entry.write(Uint8Array.from(chunk));
      }
      await entry.close();
    };
    const addText = (name: string, text: string) => add(name, Buffer.byteLength(text), [Buffer.from(text)]);
    await addText(HEAD_ENTRY, this.#headText);
    await add(ROWS_ENTRY, rows.sizeBytes, rows.chunks());
    let number = 0;
    let done = 0;
    for await (const lines of named.lines()) {
      for (const line of lines) {
        const bytes: NamedBytes = JSON.parse(line);
        number += 1;
        await add(bytesEntry(number), bytes.sizeBytes, joinedChunks(this.#source.bytes, [bytes]));
        done += bytes.sizeBytes;
        await report({ done, total: this.head.sizeBytes, unit: 'bytes' });
      }
    }
    await addText(END_ENTRY, JSON.stringify(endOf(hash)));
    archive.finalize();
  }
}

function endOf(hash: Hash): { readonly sha256: string } {
  return { sha256: hash.copy().digest('hex') };
}

interface SpooledRows {
  readonly rows: LineSpool;
  /** The bytes that rows name, in their order. */
  readonly named: LineSpool;
  readonly namedBytes: number;
  readonly archivedBytes: number;
  readonly hasHuge: boolean;
}

async function spoolRows(metadata: Pick<MetadataStore, 'readAll'>, folder: SpoolFolder): Promise<SpooledRows> {
  const rows = await folder.create('rows');
  const named = await folder.create('named');
  const sizes = { namedBytes: 0, archivedBytes: 0, hasHuge: false };
  await metadata.readAll(async (stored) => {
    for (const { table, row } of stored) {
      if (table === 'documents' && !exportedKind(String(row.kind))) continue;
      const bytes = namedBytes(row);
      if (bytes) {
        await named.add(JSON.stringify(bytes));
        sizes.namedBytes += bytes.sizeBytes;
        sizes.archivedBytes += archivedBytes(bytes.sizeBytes);
        sizes.hasHuge ||= bytes.sizeBytes > MAX_PLAIN_BYTES;
      }
      await rows.add(JSON.stringify({ table, row: bytes ? { ...row, location: named.count } : row }));
    }
  });
  await rows.close();
  await named.close();
  return { rows, named, ...sizes };
}

/** Undefined for a row without bytes, and for one whose bytes are made when they are read. */
function namedBytes({ location, sizeBytes }: StoredRow['row']): NamedBytes | undefined {
  if (typeof location !== 'string' || location === '' || isMade(location)) return undefined;
  return { location, sizeBytes: Number(sizeBytes) };
}

/** The length of an entry: its header, and its content up to the end of a block. */
function archivedBytes(sizeBytes: number): number {
  return BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}
