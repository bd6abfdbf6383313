import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { PARTS } from './production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const LOADED_FROM_PACKAGES = [
  // Native, or large and for one capability each.
  ...PARTS,
  // debug asks for it, and does without.
  'supports-color',
];

/** The library, with the command in it, which runs when it is asked for. */
const PROGRAM = `
  export * from './src/index.ts';
  export const runCommand = () => import('./src/main.ts');
`;

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * The command and the library, as they are installed, in a folder below that of the package: one file with the program, as
 * `load-program.ts` takes it, and two that load it.
 *
 * @returns what went into the program, and the names of all files
 */
export async function bundlePrograms(
  outdir: string,
): Promise<{ readonly inputs: Metafile['inputs']; readonly files: readonly string[] }> {
  const { metafile, outputFiles } = await build({
    ...COMMON,
    stdin: { contents: PROGRAM, resolveDir: ROOT, sourcefile: 'program.ts', loader: 'ts' },
    outdir,
    entryNames: 'program-[hash]',
    format: 'cjs',
    // A place in a stack is found in a short line, and functions keep their names.
    minifyWhitespace: true,
    lineLimit: 120,
    external: LOADED_FROM_PACKAGES,
    // What V8 has compiled before cannot load modules: packages are loaded with `require`, and what is ours is in the file.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'programUrl' },
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
'use strict';
const programUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    write: false,
  });
  await mkdir(outdir, { recursive: true });
  await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, escaped(text))));
  const files = Object.keys(metafile.outputs).map((path) => path.slice(path.lastIndexOf('/') + 1));
  const program = files.find((name) => name.endsWith('.js'));
  const names = (await exportsOf('src/index.ts')).join(', ');
  await Promise.all([
    bundleLoader(join(outdir, 'index.js'), '', `export const { ${names} } = loadProgram(path);`, program),
    bundleLoader(join(outdir, 'main.js'), '#!/usr/bin/env node', 'loadProgram(path).runCommand();', program),
  ]);
  return { inputs: metafile.inputs, files: [...files, 'index.js', 'main.js'] };
}

/** esbuild leaves comments and regular expressions as they are. */
function escaped(text: string): string {
  return text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function bundleLoader(outfile: string, before: string, run: string, program = ''): Promise<void> {
  const contents = `${before}
    import { fileURLToPath } from 'node:url';
    import { loadProgram } from './src/base/load-program.ts';
    const path = fileURLToPath(new URL('./${program}', import.meta.url));
    ${run}`;
  await build({ ...COMMON, stdin: { contents, resolveDir: ROOT }, outfile, format: 'esm' });
}

/** The values, without the types. */
async function exportsOf(path: string): Promise<readonly string[]> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [join(ROOT, path)],
    format: 'esm',
    packages: 'external',
    write: false,
    metafile: true,
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
