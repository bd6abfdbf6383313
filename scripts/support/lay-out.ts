/** The files of a program that needs nothing but Node: what a container image and the standalone archives hold. */
import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LockedPackage, PARTS } from './production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** As `files` of package.json has them, and the clip without the others. */
const FILES = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist', 'fixtures/clips/h264-aac.flv'];

/** An ffmpeg is the system's to give: the image has Debian's, and who gives out one of his own owes its sources too (GPL). */
export const LAID_OUT_PARTS = PARTS.filter((name) => name !== 'ffmpeg-static');

/** A start, and nothing else. */
const START = ['exec', '--memory', '--port', '0', '--rtmp-port', 'off', '--', process.execPath, '--version'];

/**
 * Copies the built package and some of the packages that are installed here into a new folder, and lets the Node that it is
 * for compile it: who starts it may have no right to keep that.
 */
export async function layOut(
  target: string,
  packages: readonly LockedPackage[],
  node = process.execPath,
): Promise<void> {
  await rm(target, { recursive: true, force: true });
  for (const path of FILES) await copy(path, target, isNotCompiled);
  for (const { path } of packages) await copy(path, target, isPartOfPackage);
  await promisify(execFile)(node, [join(target, 'dist/main.js'), ...START]);
}

async function copy(path: string, target: string, filter: (path: string) => boolean): Promise<void> {
  const to = join(target, path);
  await mkdir(dirname(to), { recursive: true });
  const from = join(ROOT, path);
  await cp(from, to, { recursive: true, filter: (file) => file === from || filter(file.slice(from.length)) });
}

/** What another Node has compiled. */
function isNotCompiled(path: string): boolean {
  return !path.endsWith('.cache');
}

/** Packages within a package are copied by their own entry in the lock file, if they are needed. */
function isPartOfPackage(path: string): boolean {
  return !/^[\\/]node_modules([\\/]|$)/.test(path);
}
