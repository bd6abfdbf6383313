import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { ControllableClock } from '../../base/controllable-clock.ts';
import { DATE_RANGE, isInDateRange } from '../../base/date-range.ts';
import { parseJson } from '../../base/encoded-json.ts';
import { UsageError } from '../../base/errors.ts';
import { LineTooLong, linesOf } from '../../base/lines.ts';
import type { ReportProgress } from '../../base/progress.ts';
import { issueText } from '../../base/schema.ts';
import type { StoredRow, StoredTable } from '../../storage/metadata/stored-rows.ts';
import type { ObjectHint, ObjectStore } from '../../storage/objects/object-store.ts';
import type { MadeBytes } from '../seed/made-bytes.ts';
import { damagedExport, foreignExport } from './bad-export.ts';
import { ExportEntries, type ExportEntry } from './export-entries.ts';
import {
  bytesEntry,
  END_ENTRY,
  EXPORT_VERSION,
  type ExportHead,
  exportEnd,
  exportHead,
  exportKind,
  HEAD_ENTRY,
  ROWS_ENTRY,
} from './export-format.ts';
import { type ExportedRow, exportedRow } from './exported-rows.ts';
import { type LineSpool, makeSpoolFolder, type SpoolFolder } from './line-spool.ts';

/** The longest rows are documents: a recording of a day is some hundred KB. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

export interface ExportTarget {
  readonly bytes: ObjectStore;
  readonly made: Pick<MadeBytes, 'isMadeHere'>;
  readonly clock: Pick<ControllableClock, 'now' | 'offsetMs'>;
}

/** The bytes of a row that are to come: where they belong, and how many they are. */
type Expected = readonly [bucket: string, key: string, sizeBytes: number];

/**
 * An export that was read and found whole. Its bytes are in the store, where nothing names them yet; its rows are in a temporary
 * file. Either they are stored, or it is discarded.
 */
export class CheckedExport {
  readonly head: ExportHead;
  /** How many rows there are of each table. */
  readonly counts: Readonly<Record<StoredTable, number>>;
  readonly #rows: LineSpool;
  readonly #locations: LineSpool;
  readonly #discard: () => Promise<void>;
  readonly #close: () => Promise<void>;

  /**
   * Reads all of it. Nothing remains of one that is not good.
   *
   * @throws UsageError when it is no export, of a newer version, damaged or not whole, and the error of `chunks`
   */
  static async read(
    chunks: AsyncIterable<Uint8Array>,
    target: ExportTarget,
    report: ReportProgress,
  ): Promise<CheckedExport> {
    const folder = await makeSpoolFolder();
    const reader = new ExportReader(target, folder, report);
    try {
      return new CheckedExport(await reader.read(chunks), folder, target.bytes);
    } catch (error) {
      await reader.discard();
      await folder.remove();
      throw error;
    }
  }

  private constructor({ head, counts, rows, locations }: ReadParts, folder: SpoolFolder, bytes: ObjectStore) {
    this.head = head;
    this.counts = counts;
    this.#rows = rows;
    this.#locations = locations;
    this.#close = () => folder.remove();
    this.#discard = async () => {
      await deleteNamed(locations, bytes);
      await folder.remove();
    };
  }

  /** As they are to be stored. May be called again. */
  async *rows(report: ReportProgress): AsyncGenerator<readonly StoredRow[]> {
    const locations = each(this.#locations.lines());
    let done = 0;
    for await (const lines of this.#rows.lines()) {
      const rows: StoredRow[] = [];
      for (const line of lines) {
        const { table, row }: StoredRow = JSON.parse(line);
        if (typeof row.location === 'number') rows.push({ table, row: { ...row, location: await nextOf(locations) } });
        else rows.push({ table, row });
      }
      yield rows;
      done += rows.length;
      await report({ done, total: this.head.rows, unit: 'rows' });
    }
  }

  /** After its rows were stored. */
  close(): Promise<void> {
    return this.#close();
  }

  /** Instead of storing them: its bytes are deleted. */
  discard(): Promise<void> {
    return this.#discard();
  }
}

interface ReadParts {
  readonly head: ExportHead;
  readonly counts: Readonly<Record<StoredTable, number>>;
  readonly rows: LineSpool;
  /** Where the bytes are that rows name, in their order. */
  readonly locations: LineSpool;
}

class ExportReader {
  readonly #target: ExportTarget;
  readonly #folder: SpoolFolder;
  readonly #report: ReportProgress;
  readonly #hash = createHash('sha256');
  #locations: LineSpool | undefined;
  readonly #counts: Record<StoredTable, number> = {
    buckets: 0,
    objects: 0,
    uploads: 0,
    parts: 0,
    channels: 0,
    sessions: 0,
    livePlaylists: 0,
    fragments: 0,
    documents: 0,
  };

  constructor(target: ExportTarget, folder: SpoolFolder, report: ReportProgress) {
    this.#target = target;
    this.#folder = folder;
    this.#report = report;
  }

  async read(chunks: AsyncIterable<Uint8Array>): Promise<ReadParts> {
    const entries = new ExportEntries(chunks, (chunk) => this.#hash.update(chunk));
    try {
      return await this.#readEntries(entries);
    } finally {
      await entries.close();
    }
  }

  /** Deletes the bytes that were stored. */
  async discard(): Promise<void> {
    if (!this.#locations) return;
    await this.#locations.close();
    await deleteNamed(this.#locations, this.#target.bytes);
  }

  async #readEntries(entries: ExportEntries): Promise<ReadParts> {
    const head = readHead(await entries.first());
    this.#checkClock(head.clock);
    const rows = await this.#folder.create('rows');
    const expected = await this.#folder.create('expected');
    const expectedBytes = await this.#readRows(await entries.next(ROWS_ENTRY), rows, expected);
    if (rows.count !== head.rows || expected.count !== head.byteStrings)
      throw damagedExport('it has other rows than it says');
    if (expectedBytes !== head.sizeBytes) throw damagedExport('its rows name more or fewer bytes than it says');
    const locations = await this.#folder.create('locations');
    this.#locations = locations;
    let number = 0;
    let done = 0;
    for await (const line of each(expected.lines())) {
      const [bucket, key, sizeBytes]: Expected = JSON.parse(line);
      number += 1;
      const entry = await entries.next(bytesEntry(number), sizeBytes);
      const location = await this.#store(entry, { bucket, key }, (storedBytes) =>
        this.#report({ done: done + storedBytes, total: head.sizeBytes, unit: 'bytes' }),
      );
      await locations.add(JSON.stringify(location));
      done += sizeBytes;
    }
    await locations.close();
    const sha256 = this.#hash.copy().digest('hex');
    const end = v.safeParse(exportEnd, parseJson(await entries.text(await entries.next(END_ENTRY))));
    if (!end.success || end.output.sha256 !== sha256) throw damagedExport('its checksum is another one');
    await entries.ended();
    this.#locations = undefined;
    return { head, counts: this.#counts, rows, locations };
  }

  /** Resolves to how many bytes the rows name. */
  async #readRows(entry: ExportEntry, rows: LineSpool, expected: LineSpool): Promise<number> {
    const buckets = new Set<string>();
    const playlists = new Set<number>();
    let expectedBytes = 0;
    const uploads = new Map<string, { readonly bucket: string; readonly key: string }>();
    try {
      for await (const line of each(linesOf(entry.chunks, MAX_ROW_BYTES))) {
        if (line === '') continue;
        const read = v.safeParse(exportedRow, parseJson(line), { abortEarly: true });
        if (!read.success) throw damagedExport(`row ${rows.count + 1}: ${issueText(read.issues[0])}`);
        const { output } = read;
        if (output.table === 'buckets') buckets.add(output.row.name);
        const bucket = bucketOf(output);
        if (bucket !== undefined && !buckets.has(bucket))
          throw damagedExport(`row ${rows.count + 1}: there is no bucket ${bucket}`);
        if (output.table === 'livePlaylists') playlists.add(output.row.number);
        if (output.table === 'fragments' && !playlists.has(output.row.playlist))
          throw damagedExport(`row ${rows.count + 1}: there is no playlist ${output.row.playlist}`);
        if (output.table === 'uploads') uploads.set(output.row.uploadId, output.row);
        expectedBytes += await this.#expect(output, uploads, expected);
        this.#counts[output.table] += 1;
        await rows.add(JSON.stringify(output));
      }
      return expectedBytes;
    } catch (error) {
      throw error instanceof LineTooLong ? damagedExport(error.message) : error;
    } finally {
      await rows.close();
      await expected.close();
    }
  }

  /** The clock is set when everything was replaced, and must not refuse then. */
  #checkClock({ frozen, nowMs, offsetMs }: ExportHead['clock']): void {
    const { clock } = this.#target;
    if (isInDateRange(frozen ? nowMs : clock.now() - clock.offsetMs + offsetMs)) return;
    throw new UsageError(`The clock of the export is outside of the range of dates, which is ${DATE_RANGE}.`);
  }

  /** Notes the bytes of a row, which are in the file; resolves to how many there are. */
  async #expect(
    read: ExportedRow,
    uploads: ReadonlyMap<string, { readonly bucket: string; readonly key: string }>,
    expected: LineSpool,
  ): Promise<number> {
    if (read.table !== 'objects' && read.table !== 'parts') return 0;
    const { location, sizeBytes } = read.row;
    if (location === '') return 0;
    const place = read.table === 'objects' ? read.row : uploads.get(read.row.uploadId);
    if (!place) throw damagedExport('it has a part without its upload');
    if (typeof location === 'number') {
      if (location !== expected.count + 1) throw damagedExport('its byte strings are not in their order');
      const line: Expected = [place.bucket, place.key, sizeBytes];
      await expected.add(JSON.stringify(line));
      return sizeBytes;
    }
    if (await this.#target.made.isMadeHere(location, sizeBytes)) return 0;
    throw new UsageError(
      'The export has seeded recordings of another version of the emulator, which are not in the file: import it there.',
    );
  }

  async #store(
    { chunks }: ExportEntry,
    hint: ObjectHint,
    report: (storedBytes: number) => void | Promise<void>,
  ): Promise<string> {
    const writer = this.#target.bytes.create(hint);
    try {
      for await (const chunk of chunks) {
        await writer.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        await report(writer.sizeBytes);
      }
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return writer.commit();
  }
}

/** @throws UsageError when this version cannot read the file */
function readHead(text: string): ExportHead {
  const document = parseJson(text);
  const kind = v.safeParse(exportKind, document);
  if (!kind.success) throw foreignExport();
  const { version } = kind.output;
  if (version > EXPORT_VERSION) {
    throw new UsageError(
      `The export is of version ${version} of its format, and this emulator reads up to ${EXPORT_VERSION}: update the emulator.`,
    );
  }
  const head = v.safeParse(exportHead, document);
  if (!head.success) throw damagedExport(`${HEAD_ENTRY} is not as it must be: ${issueText(head.issues[0])}`);
  return head.output;
}

/** The bucket that the row is in. */
function bucketOf(read: ExportedRow): string | undefined {
  switch (read.table) {
    case 'objects':
    case 'uploads':
    case 'channels':
      return read.row.bucket;
    default:
      return undefined;
  }
}

async function deleteNamed(locations: LineSpool, bytes: ObjectStore): Promise<void> {
  for await (const location of each(locations.lines())) await bytes.delete(String(JSON.parse(location)));
}

/** There are as many as rows that want one. */
async function nextOf(locations: AsyncIterator<string>): Promise<string> {
  const { done, value } = await locations.next();
  if (done === true) throw new Error('a row of the export has no location');
  return String(JSON.parse(value));
}

async function* each<Item>(lists: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const list of lists) yield* list;
}
