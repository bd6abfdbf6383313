import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Found by the name of the package, which gives the same folder from `src/` and from `dist/`. */
const ROOT = dirname(createRequire(import.meta.url).resolve('oss-livechannel-emulator/package.json'));

/** Path of a file of the package. */
export function packageFile(path: string): string {
  return join(ROOT, path);
}
