import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { deleteAbandoned, ownName } from '../../base/abandoned-files.ts';
import { PRIVATE_FILE } from '../../base/private-paths.ts';

/**
 * Writes a file that is there when all of it is; one that was there before stays until then. What writers that were killed have
 * left beside it is deleted.
 *
 * @param signal gives it up, with its reason
 * @throws Error of the system, of `chunks`, or of the signal: the file is as it was
 */
export async function writeWholeFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const prefix = `${basename(path)}.partial-`;
  await deleteAbandoned(dirname(path), prefix);
  const partial = join(dirname(path), ownName(prefix));
  try {
    await pipeline(chunks, createWriteStream(partial, { mode: PRIVATE_FILE, flush: true }), { signal });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw signal?.aborted ? signal.reason : error;
  }
}
