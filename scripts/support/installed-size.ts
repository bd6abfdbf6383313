import { existsSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedPackages, type LockedPackage } from './production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface InstalledSize {
  readonly packages: number;
  /** Of all files, as `ls` shows them: what they take on a disk depends on its blocks. */
  readonly sizeBytes: number;
}

/** The packages that a part adds to an installation without optional parts, by the lock file. */
export function packagesOfPart(part: string): readonly LockedPackage[] {
  const base = new Set(installedPackages().map(({ path }) => path));
  return installedPackages([part]).filter(({ path }) => !base.has(path));
}

/** Their bytes, as they are installed here, with what their scripts have made. */
export async function sizeOfPart(part: string): Promise<number> {
  let sizeBytes = 0;
  for (const { path } of packagesOfPart(part)) sizeBytes += await sizeOfPackage(join(ROOT, path));
  return sizeBytes;
}

/** Every package below a folder `node_modules`. */
export async function sizeOfInstallation(folder: string): Promise<InstalledSize> {
  let packages = 0;
  let sizeBytes = 0;
  for (const path of await packagesIn(folder)) {
    const nested = await sizeOfInstallation(join(path, 'node_modules'));
    packages += 1 + nested.packages;
    sizeBytes += (await sizeOfPackage(path)) + nested.sizeBytes;
  }
  return { packages, sizeBytes };
}

async function packagesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (name.startsWith('@')) found.push(...(await namesIn(path)).map((own) => join(path, own)));
    else if (!name.startsWith('.')) found.push(path);
  }
  return found;
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

/** Without the packages that are installed within it. */
async function sizeOfPackage(path: string): Promise<number> {
  let sizeBytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const own = join(path, entry.name);
    if (entry.isFile()) sizeBytes += (await lstat(own)).size;
    else if (entry.isDirectory() && entry.name !== 'node_modules') sizeBytes += await sizeOfPackage(own);
  }
  return sizeBytes;
}
