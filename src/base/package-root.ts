import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The package refers to itself by its name: the same from `src/` and from what is built of it, however deep either lies. */
const ROOT = dirname(createRequire(import.meta.url).resolve('oss-livechannel-emulator/package.json'));

/** Path of a file of the package. */
export function packageFile(path: string): string {
  return join(ROOT, path);
}
