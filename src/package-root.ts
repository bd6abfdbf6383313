import { fileURLToPath } from 'node:url';

/** Path of a file of the package. The same from `src/` and from what is built of it: both lie right below the package. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
