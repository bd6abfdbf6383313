/** The files of a program that needs nothing but Node: what a container image and the standalone archives hold. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LockedPackage, PARTS } from './production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** As `files` of package.json has them, and the clip without the others. */
const FILES = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist', 'fixtures/clips/h264-aac.flv'];

/** An ffmpeg is the system's to give: the image has Debian's, and who gives out one of his own owes its sources too (GPL). */
export const LAID_OUT_PARTS = PARTS.filter((name) => name !== 'ffmpeg-static');

/** Copies the built package and some of the packages that are installed here into a new folder. */
export async function layOut(target: string, packages: readonly LockedPackage[]): Promise<void> {
  await rm(target, { recursive: true, force: true });
  for (const path of FILES) await copy(path, target);
  for (const { path } of packages) await copy(path, target, isPartOfPackage);
}

async function copy(path: string, target: string, filter: (path: string) => boolean = () => true): Promise<void> {
  const to = join(target, path);
  await mkdir(dirname(to), { recursive: true });
  const from = join(ROOT, path);
  await cp(from, to, { recursive: true, filter: (file) => file === from || filter(file.slice(from.length)) });
}

/** Packages within a package are copied by their own entry in the lock file, if they are needed. */
function isPartOfPackage(path: string): boolean {
  return !/^[\\/]node_modules([\\/]|$)/.test(path);
}
