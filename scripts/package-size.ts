/**
 * Prints how many packages and megabytes `npm install` brings, of the package as it would be published, and what each
 * optional part adds to that. `test/package/size.test.ts` holds the bounds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type InstalledSize, sizeOfInstallation, sizeOfPart } from './support/installed-size.ts';
import { installPacked, pack } from './support/packed.ts';
import { PARTS } from './support/production-packages.ts';

function print(what: string, { packages, sizeBytes }: InstalledSize): void {
  console.log(`${what.padEnd(60)} ${String(packages).padStart(8)} ${(sizeBytes / 1e6).toFixed(1).padStart(7)}`);
}

const folder = await mkdtemp(join(tmpdir(), 'package-size-'));
try {
  const { tarball } = await pack(folder);
  const alone = await installPacked(tarball, join(folder, 'alone'), ['--ignore-scripts', '--omit=optional']);
  const installed = await installPacked(tarball, join(folder, 'installed'), ['--ignore-scripts']);
  console.log(`${''.padEnd(60)} packages      MB`);
  print('without better-sqlite3', await sizeOfInstallation(dirname(alone)));
  print('npm i -D oss-livechannel-emulator, no install scripts', await sizeOfInstallation(dirname(installed)));
  for (const part of PARTS) print(`${part} adds`, await sizeOfPart(part));
} finally {
  await rm(folder, { recursive: true, force: true });
}
