import { rmdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';

/**
 * Removes a folder below the root that is empty, and then its parents as far as they are. One that may not be removed stays.
 * Synchronous: in the thread pool each attempt, also that on a folder that is not empty, takes several times as long.
 */
export function removeEmptyFolders(root: string, folder: string): void {
  for (let current = folder; current !== '.'; current = posix.dirname(current)) {
    try {
      rmdirSync(join(root, current));
    } catch (error) {
      if (hasErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'EACCES', 'EPERM', 'EBUSY', 'EROFS')) return;
      throw error;
    }
  }
}
