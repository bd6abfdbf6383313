import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { hasErrorCode } from '../base/error-code.ts';
import { UNNAMED_KEPT_MS } from '../storage/objects/object-store.ts';

/** Removes what a sweep has moved here long ago. */
export async function removeOldSwept(folder: string, { now }: Clock): Promise<void> {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const sweptMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (sweptMs !== undefined && sweptMs < now() - UNNAMED_KEPT_MS) await rm(path, { recursive: true, force: true });
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
