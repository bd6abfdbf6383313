/**
 * Builds dist: the command and the library with the packages they need in one file, because loading a thousand small ones
 * takes longer than the rest of a start; their types; and the page.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildConsole } from './build-console.ts';
import { bundlePrograms } from './support/bundle.ts';
import { readOptions } from './support/command-line.ts';
import { licensesOf } from './support/licenses.ts';

readOptions(import.meta.url, {});

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TARGET = join(ROOT, 'dist');

async function buildPrograms(): Promise<void> {
  const { inputs, files } = await bundlePrograms(TARGET);
  await writeFile(join(TARGET, 'licenses.txt'), await licensesOf(inputs));
  await removeOthers(files);
}

async function removeOthers(kept: readonly string[]): Promise<void> {
  const isOld = (name: string) => /\.(js(\.map)?|cache.*)$/.test(name) && !kept.includes(name);
  const old = (await readdir(TARGET)).filter(isOld);
  await Promise.all(old.map((name) => rm(join(TARGET, name))));
}

async function buildTypes(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')]);
}

await mkdir(TARGET, { recursive: true });
await Promise.all([buildPrograms(), buildTypes(), buildConsole()]);
