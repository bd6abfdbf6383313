import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundlePrograms } from '../../scripts/support/bundle.ts';

/** In the package, because the command finds its package from where it is, and in a folder that git ignores. */
const PARENT = join(import.meta.dirname, '../../coverage');

/** The command as it is installed, bundled before the tests of a file; it starts in a fraction of the time of the sources. */
export function bundledCommand(): { readonly path: string } {
  let folder = '';
  beforeAll(async () => {
    await mkdir(PARENT, { recursive: true });
    folder = await mkdtemp(join(PARENT, 'bundled-'));
    await bundlePrograms(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    get path() {
      return join(folder, 'main.js');
    },
  };
}
