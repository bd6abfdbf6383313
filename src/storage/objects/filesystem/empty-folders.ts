import { join, posix } from 'node:path';
import { hasErrorCode } from '../../../base/error-code.ts';
import type { FileWork } from './disk.ts';
import { removeFolder } from './file-calls.ts';

/** Removes a folder below the root that is empty, and then its parents as far as they are. One that may not be removed stays. */
export function* removeEmptyFolders(root: string, folder: string): FileWork<void> {
  for (let current = folder; current !== '.'; current = posix.dirname(current)) {
    try {
      yield* removeFolder(join(root, current));
    } catch (error) {
      if (hasErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'EACCES', 'EPERM', 'EBUSY', 'EROFS')) return;
      throw error;
    }
  }
}
