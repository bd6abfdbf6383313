import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };

/** On Windows npm is a script. Nothing that is passed to it has a space in it. */
const shell = process.platform === 'win32';
const run = promisify(execFile);

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const LEFT_OUT = ['node_modules', 'dist', '.git', 'test', '.oss-livechannel'];

export interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

export interface Packed {
  readonly tarball: string;
  readonly files: readonly PackedFile[];
}

/** `npm pack` of a copy of the sources, in a folder: another test may be building the original. */
export async function pack(folder: string): Promise<Packed> {
  const copy = join(folder, 'copy');
  const isLeftOut = (path: string) => LEFT_OUT.some((name) => path === join(REPOSITORY, name));
  await cp(REPOSITORY, copy, { recursive: true, filter: (path) => !isLeftOut(path) });
  await mkdir(join(copy, 'test'));
  await writeFile(join(copy, 'test/a.test.ts'), '');
  await symlink(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'), 'junction');
  // By hand what `prepack` is for: its output would stand before the JSON.
  await run('npm', ['run', '--silent', 'prepack'], { cwd: copy, shell });
  const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', ['pack', ...options], { cwd: copy, shell, maxBuffer: 16 * 1024 * 1024 });
  const [{ filename, files }] = JSON.parse(stdout);
  return { tarball: join(folder, filename), files };
}

/**
 * Installs it in a new folder. Resolves to the folder of the package.
 * @param options of npm, such as `--ignore-scripts`, which is the default of npm 12, and packages to install beside it
 */
export async function installPacked(tarball: string, folder: string, options: readonly string[]): Promise<string> {
  return join(await install(folder, [...options, tarball]), 'oss-livechannel-emulator');
}

/** Installs one of the packages that package.json names, and no script, in a new folder. Resolves to its `node_modules`. */
export function installAlone(name: string, folder: string): Promise<string> {
  const versions: Readonly<Record<string, string>> = { ...manifest.devDependencies, ...manifest.optionalDependencies };
  return install(folder, ['--ignore-scripts', `${name}@${versions[name]}`]);
}

async function install(folder: string, options: readonly string[]): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"private": true}');
  const quiet = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', '--save-dev', ...quiet, ...options], { cwd: folder, shell });
  return join(folder, 'node_modules');
}
