import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The licenses of the packages in a bundle: they require to be named where the bundle is distributed. */
export async function licensesOf(inputs: Metafile['inputs']): Promise<string> {
  const folders = new Set<string>();
  for (const path of Object.keys(inputs)) {
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
    const title = `${name} ${version}`;
    return `${title}\n${'-'.repeat(title.length)}\n\n${await licenseOf(join(ROOT, folder))}\n`;
  });
  return (await Promise.all(texts)).join('\n\n');
}

/** The text of its file, or, if it has none, the license in its manifest. */
async function licenseOf(folder: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => /^licen[sc]e(\.|$)/i.test(name));
  if (file !== undefined) return (await readFile(join(folder, file), 'utf8')).trim();
  const { license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (license === undefined) throw new Error(`${folder} says nothing of its license`);
  return `${license}, by ${typeof author === 'string' ? author : author?.name}`;
}
