import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { PARTS } from './production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const LOADED_FROM_PACKAGES = [
  // Native, or large and for one capability each.
  ...PARTS,
  // debug asks for it, and does without.
  'supports-color',
];

/** CommonJS packages load modules of Node with `require`. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** The command and the library, as they are installed, in a folder below that of the package. */
export async function bundlePrograms(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, 'src/main.ts'), join(ROOT, 'src/index.ts')],
    outdir,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: LOADED_FROM_PACKAGES,
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}
