import { basename, dirname, join } from 'node:path';
import { deleteAbandoned, ownName } from '../../base/abandoned-files.ts';

/**
 * Where a file is written until all of it is there: beside it. What writers that were killed have left there is deleted.
 *
 * @returns its path
 */
export async function partialFile(path: string): Promise<string> {
  const prefix = `${basename(path)}.partial-`;
  await deleteAbandoned(dirname(path), prefix);
  return join(dirname(path), ownName(prefix));
}
