import { existsSync } from 'node:fs';
import { openLocationReader } from '../storage/metadata/sqlite.ts';
import { compareFiles, type Disagreement } from '../storage/objects/filesystem/compare-files.ts';
import { dataFolderPaths, refuseLostRows } from './data-folder.ts';

/**
 * Compares the rows and the files of a data folder, on which an emulator may be running. Undefined when there is none yet.
 *
 * @throws UsageError when its database cannot be opened, or was lost
 */
export async function compareDataFolder(dir: string): Promise<Disagreement | undefined> {
  const { metadata, objects } = dataFolderPaths(dir);
  if (!existsSync(metadata)) {
    refuseLostRows(dir);
    return undefined;
  }
  const reader = await openLocationReader(metadata, () => refuseLostRows(dir));
  try {
    return await compareFiles(objects, reader.locations);
  } finally {
    await reader.close();
  }
}
