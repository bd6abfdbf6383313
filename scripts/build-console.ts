/**
 * Builds the page of `/_emulator/` from src/console into dist/console: scripts and styles with their hash in their name,
 * each with a compressed copy; index.html is written last, so that it never names a file that does not exist yet.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, type OutputFile } from 'esbuild';
import { readOptions } from './support/command-line.ts';
import { licensesOf } from './support/licenses.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'src/console');
const TARGET = join(ROOT, 'dist/console');

const compress = promisify(gzip);

export async function buildConsole(target = TARGET): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(SOURCE, 'main.tsx'), join(SOURCE, 'styles/main.css')],
    outdir: target,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    // The first versions with popovers, `light-dark()` and `Map.groupBy`.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    metafile: true,
  });
  await mkdir(target, { recursive: true });
  const names = await Promise.all(outputFiles.map((file) => writeCompressed(target, file)));
  const entry = (source: string) => {
    const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(source)) ?? [];
    if (path === undefined) throw new Error(`${source} was not built`);
    return basename(path);
  };
  const template = await readFile(join(SOURCE, 'index.html'), 'utf8');
  const html = template.replace('{{styles}}', entry('main.css')).replace('{{script}}', entry('main.tsx'));
  await writeWhole(join(target, 'licenses.txt'), await licensesOf(metafile.inputs));
  await writeWhole(join(target, 'index.html'), html);
  await removeOthers(target, [...names.flat(), 'index.html', 'licenses.txt']);
}

async function writeCompressed(target: string, { path, contents }: OutputFile): Promise<readonly string[]> {
  const name = basename(path);
  await writeWhole(join(target, name), contents);
  await writeWhole(join(target, `${name}.gz`), await compress(contents, { level: 9 }));
  return [name, `${name}.gz`];
}

/** Another process that reads the file at the same time gets the complete old one or the complete new one. */
async function writeWhole(path: string, contents: Uint8Array | string): Promise<void> {
  const suffix = createHash('sha1').update(`${process.pid}`).digest('hex').slice(0, 8);
  await writeFile(`${path}.${suffix}`, contents);
  await rename(`${path}.${suffix}`, path);
}

async function removeOthers(target: string, kept: readonly string[]): Promise<void> {
  const isOld = (name: string) => /-[A-Z0-9]{8}\.(js|css)(\.gz)?$/.test(name) && !kept.includes(name);
  const old = (await readdir(target)).filter(isOld);
  await Promise.all(old.map((name) => rm(join(target, name), { force: true })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readOptions(import.meta.url, {});
  await buildConsole();
}
