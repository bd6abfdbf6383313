import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ControllableClock } from '../../base/controllable-clock.ts';
import { LATEST_MS } from '../../base/date-range.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { unreadable } from '../../base/named-file.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import type { Config } from '../../config/config.ts';
import type { Fence } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { deleteAll } from '../../storage/objects/delete-all.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import type { MadeBytes } from '../seed/made-bytes.ts';
import { explainImport, NoRoomForImport } from './disk-full.ts';
import { CheckedExport } from './read-export.ts';
import { writeWholeFile } from './whole-file.ts';
import { ExportFile } from './write-export.ts';

export interface ExportsDeps {
  readonly config: Pick<Config, 'import' | 'exportOnExit'>;
  readonly version: string;
  readonly clock: ControllableClock;
  /** Without faults, as `bytes`. */
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly made: MadeBytes;
  /** From now on what a row named stays, until the returned function is called. */
  readonly holdDeletions: () => Promise<() => Promise<void>>;
}

/** Everything of an emulator as one file, and back, whatever each of the two keeps it in. */
export class Exports {
  readonly #deps: ExportsDeps;

  constructor(deps: ExportsDeps) {
    this.#deps = deps;
  }

  /** As everything is at this moment. */
  async begin(): Promise<ExportFile> {
    const { version, clock, metadata, bytes, holdDeletions } = this.#deps;
    const about = {
      emulator: version,
      createdMs: clock.now(),
      clock: { nowMs: clock.now(), frozen: clock.isFrozen, offsetMs: clock.offsetMs },
    };
    return ExportFile.begin({ metadata, bytes, about, release: await holdDeletions() });
  }

  /**
   * Writes an export to a file, which is replaced only when the new one is whole.
   *
   * @param signal gives it up: the file is as it was
   * @throws UsageError when the file cannot be written
   */
  async writeFile(path: string, report: ReportProgress = unreported, signal?: AbortSignal): Promise<void> {
    let file: ExportFile | undefined;
    try {
      file = await this.begin();
      await writeWholeFile(path, file.chunks(report), signal);
    } catch (error) {
      await file?.close();
      throw new UsageError(
        `The export ${resolve(path)} cannot be written: ${errorText(signal?.aborted ? signal.reason : error)}.`,
      );
    }
  }

  /**
   * Reads and checks an export. Nothing of it counts before `store`; instead of that it may be discarded.
   *
   * @throws UsageError when it is not good
   * @throws NoRoomForImport when a disk is full
   */
  async read(chunks: AsyncIterable<Uint8Array>, report: ReportProgress = unreported): Promise<CheckedExport> {
    try {
      return await CheckedExport.read(chunks, this.#deps, report);
    } catch (error) {
      throw explainImport(error);
    }
  }

  /**
   * What the configuration says is there at the start. A file that is written at the end, too, need not be there yet.
   *
   * @throws UsageError when the file is not there or not good
   */
  async ofStart(report: ReportProgress = unreported): Promise<CheckedExport | undefined> {
    const { import: path, exportOnExit } = this.#deps.config;
    if (path === undefined) return undefined;
    const isMadeLater = exportOnExit !== undefined && resolve(exportOnExit) === resolve(path);
    return isMadeLater && !existsSync(path) ? undefined : this.readFile(path, report);
  }

  /** @throws UsageError when there is no such file, or it is not good */
  async readFile(path: string, report: ReportProgress = unreported): Promise<CheckedExport> {
    const file = await openToRead(path);
    try {
      return await this.read(createReadStream('', { fd: file }), report);
    } catch (error) {
      if (!(error instanceof UsageError) || error instanceof NoRoomForImport) throw error;
      throw new UsageError(`The export ${resolve(path)} cannot be imported: ${error.message}`);
    }
  }

  /**
   * In place of everything that is stored, in one step; then the clock is as it was at the export. When it fails, all is as
   * before, and the export is discarded.
   *
   * @throws NoRoomForImport when the disk is full
   */
  async store(checked: CheckedExport, report: ReportProgress = unreported, fence?: Fence): Promise<void> {
    const { metadata, bytes } = this.#deps;
    const replaced = await metadata
      .replaceAll(() => checked.rows(report), fence)
      .catch(async (error: unknown) => {
        await checked.discard();
        throw explainImport(error);
      });
    await checked.close();
    await deleteAll(bytes, replaced, report);
    await this.#setClock(checked.head.clock);
  }

  async #setClock({ nowMs, frozen, offsetMs }: CheckedExport['head']['clock']): Promise<void> {
    const { clock } = this.#deps;
    clock.reset();
    if (frozen) clock.freeze();
    if (frozen) await clock.set(nowMs);
    // It was checked a while ago.
    else if (offsetMs !== 0) await clock.set(Math.min(LATEST_MS, clock.now() + offsetMs));
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw unreadable(resolve(path), '--import', error);
  }
}
