import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { hasErrorCode } from '../base/error-code.ts';

/** Long enough to notice that something is missed. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

/**
 * Removes what a sweep has moved here long ago. It is not removed at once: a file that no row names may be garbage of a
 * process that was killed, or an object whose row somebody has taken away with a file of the database.
 */
export async function removeOldSwept(folder: string, { now }: Clock): Promise<void> {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const sweptMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (sweptMs !== undefined && sweptMs < now() - KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}
