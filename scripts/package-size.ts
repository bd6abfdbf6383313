/**
 * Prints how many packages and megabytes `npm install` brings, of the package as it would be published, with and without
 * optional parts, and what each part adds. `test/package/package.test.ts` holds the bounds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readOptions } from './support/command-line.ts';
import { type InstalledSize, sizeOfInstallation } from './support/installed-size.ts';
import { installAlone, installPacked, pack } from './support/packed.ts';
import { PARTS } from './support/production-packages.ts';

readOptions(import.meta.url, {});

function print(what: string, { packages, sizeBytes }: InstalledSize): void {
  console.log(`${what.padEnd(60)} ${String(packages).padStart(8)} ${(sizeBytes / 1e6).toFixed(1).padStart(7)}`);
}

const folder = await mkdtemp(join(tmpdir(), 'package-size-'));
try {
  const { tarball } = await pack(folder);
  const light = await installPacked(tarball, join(folder, 'light'), ['--ignore-scripts', '--omit=optional']);
  const installed = await installPacked(tarball, join(folder, 'installed'), ['--ignore-scripts']);
  console.log(`${''.padEnd(60)} packages      MB`);
  print('npm i -D --omit=optional, no install scripts', await sizeOfInstallation(dirname(light)));
  const addon = ['--ignore-scripts', '--omit=optional', 'better-sqlite3@12'];
  const withAddon = await installPacked(tarball, join(folder, 'with-addon'), addon);
  print('the same with better-sqlite3@12', await sizeOfInstallation(dirname(withAddon)));
  print('npm i -D, no install scripts', await sizeOfInstallation(dirname(installed)));
  for (const [index, part] of PARTS.entries()) {
    print(`${part} adds`, await sizeOfInstallation(await installAlone(part, join(folder, String(index)))));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
