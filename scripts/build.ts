/**
 * Builds dist: the command and the library with the packages they load at every start in a few files, because loading a
 * thousand small ones takes longer than the rest of a start; their types; and the page.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { buildConsole } from './build-console.ts';
import { licensesOf } from './support/licenses.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TARGET = join(ROOT, 'dist');

/** Native, or loaded only when its function is used. */
const LOADED_FROM_PACKAGES = [
  'better-sqlite3',
  'node-forge',
  'prom-client',
  ...Object.keys(manifest.optionalDependencies),
];

/** CommonJS packages load modules of Node with `require`. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

async function buildPrograms(): Promise<void> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, 'src/main.ts'), join(ROOT, 'src/index.ts')],
    outdir: TARGET,
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
  await writeFile(join(TARGET, 'licenses.txt'), await licensesOf(metafile));
  await removeOthers(Object.keys(metafile.outputs).map((path) => basename(path)));
}

async function removeOthers(kept: readonly string[]): Promise<void> {
  const isOld = (name: string) => /\.js(\.map)?$/.test(name) && !kept.includes(name);
  const old = (await readdir(TARGET)).filter(isOld);
  await Promise.all(old.map((name) => rm(join(TARGET, name))));
}

async function buildTypes(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')]);
}

await mkdir(TARGET, { recursive: true });
await Promise.all([buildPrograms(), buildTypes(), buildConsole()]);
