import { statSync } from 'node:fs';

/** Tells whether a path still names the same file. Undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  // On Windows the number of a file has 64 bits.
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats && `${stats.dev}:${stats.ino}`;
}
