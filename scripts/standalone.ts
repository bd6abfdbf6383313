/**
 * Builds `standalone/oss-livechannel-emulator-VERSION-PLATFORM-ARCH.tar.gz`: a folder with Node, the program and its parts, which
 * runs where nothing is installed. It is for the platform that this runs on; `--node PATH` names another Node than this one.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { readOptions, text } from './support/command-line.ts';
import { LAID_OUT_PARTS, layOut } from './support/lay-out.ts';
import { packagesFor } from './support/production-packages.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** As `node -p` prints it. */
interface NodeFacts {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  readonly hasSqlite: boolean;
}

const FACTS = `JSON.stringify({
  version: process.versions.node, platform: process.platform, arch: process.arch,
  hasSqlite: process.getBuiltinModule?.('node:sqlite') !== undefined })`;

/** The Node of an archive has SQLite. */
const PARTS_OF_ARCHIVE = LAID_OUT_PARTS.filter((name) => name !== 'better-sqlite3');

/** By its own path, also through a link; nothing is looked for on PATH otherwise, which may be empty. */
const LAUNCHER = `#!/bin/sh
self=$0
if [ -h "$self" ]; then self=$(readlink -f "$self"); fi
here=\${self%/*}
exec "$here/node" "$here/app/dist/main.js" "$@"
`;
const WINDOWS_LAUNCHER = '@"%~dp0node.exe" "%~dp0app\\dist\\main.js" %*\r\n';

async function factsOf(node: string): Promise<NodeFacts> {
  const { stdout } = await run(node, ['--no-warnings', '-p', FACTS]);
  return JSON.parse(stdout);
}

/** In the folder of an archive of Node: beside its program on Windows, above it elsewhere. */
function licenseOfNode(node: string): string {
  const found = [dirname(node), dirname(dirname(node))].map((folder) => join(folder, 'LICENSE')).find(existsSync);
  if (found === undefined) throw new Error(`no LICENSE beside ${node}: take an archive of nodejs.org`);
  return found;
}

async function buildFolder(folder: string, node: string, { platform }: NodeFacts): Promise<void> {
  await layOut(join(folder, 'app'), packagesFor(PARTS_OF_ARCHIVE), node);
  await copyFile(licenseOfNode(node), join(folder, 'LICENSE-node'));
  const isWindows = platform === 'win32';
  const program = join(folder, isWindows ? 'node.exe' : 'node');
  await copyFile(node, program);
  await chmod(program, 0o755);
  const launcher = join(folder, isWindows ? `${manifest.name}.cmd` : manifest.name);
  await writeFile(launcher, isWindows ? WINDOWS_LAUNCHER : LAUNCHER);
  await chmod(launcher, 0o755);
}

const values = readOptions(import.meta.url, {
  node: text('PATH', process.execPath),
  to: text('FOLDER', join(ROOT, 'standalone')),
});
const facts = await factsOf(values.node);
if (!facts.hasSqlite) {
  throw new Error(`Node ${facts.version} has no SQLite: run this with Node 22.13 or later, or name one with --node`);
}
const name = `${manifest.name}-${manifest.version}-${facts.platform}-${facts.arch}`;
const target = resolve(values.to);
await rm(join(target, name), { recursive: true, force: true });
await mkdir(join(target, name), { recursive: true });
await buildFolder(join(target, name), values.node, facts);
// Without a colon, which GNU tar takes for the name of a machine.
await run('tar', ['-czf', `${name}.tar.gz`, name], { cwd: target });
const { size } = await stat(join(target, `${name}.tar.gz`));
console.log(`${join(target, name)}.tar.gz: ${(size / 1e6).toFixed(1)} MB, with Node ${facts.version}`);
