import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Config } from '../config/config.ts';
import type { Exports } from '../control-plane/export-file/exports.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';

/**
 * Stores the export of the option, before anything else is made.
 *
 * @throws UsageError when the stores hold something, which it would replace; when it is not good; and when none could be written
 * at the end
 */
export async function importAtStart(
  { import: path, exportOnExit, memory, dataDir }: Config,
  metadata: Pick<MetadataStore, 'listBuckets'>,
  exports: Exports,
): Promise<void> {
  if (exportOnExit !== undefined) refuseUnwritable(exportOnExit);
  if (path === undefined) return;
  if (path === '-') {
    throw new UsageError(
      '--import takes a file, which every reset reads again, and not the standard input: name a file, or give it to the command import.',
    );
  }
  const { items } = await metadata.listBuckets({ prefix: '', marker: '', limit: 1 });
  if (items.length > 0) {
    const held = memory ? 'The database' : `The data folder ${dataDir}`;
    throw new UsageError(
      `${held} holds data already, which --import ${path} would replace: leave --import away, name an empty --data-dir, or use the command import.`,
    );
  }
  const imported = await exports.ofStart();
  if (imported) await exports.store(imported);
}

/** Now, and not at the end, when what was done is lost. */
function refuseUnwritable(path: string): void {
  const folder = dirname(resolve(path));
  try {
    if (existsSync(path) && !statSync(path).isFile()) throw new Error('it is no file');
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--export-on-exit ${path} cannot be written: ${errorText(error)}.`);
  }
}
