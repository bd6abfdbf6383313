/** The archive of a Linux machine, unpacked where no Node and no tool can be found. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { driveEverything } from './drive.ts';
import { NEWER_NODES, nodeProgram, OLD_NODE, runToEnd, startEmulatorWith } from './nodes.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 300_000;
const NAME = `${manifest.name}-${manifest.version}-${process.platform}-${process.arch}`;

let folder: string;
let program: string;

/** Not even HOME. */
const nothing = () => ({ cwd: folder, env: { PATH: '' } });

function build(node: string): Promise<{ readonly stdout: string }> {
  return run('npm', ['run', '--silent', 'standalone', '--', '--node', node, '--to', folder], { cwd: ROOT });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-'));
  const { stdout } = await build(await nodeProgram(NEWER_NODES[1]));
  expect(stdout).toMatch(new RegExp(`${NAME}\\.tar\\.gz: [\\d.]+ MB, with Node ${NEWER_NODES[1]}\n$`));
  await rm(join(folder, NAME), { recursive: true });
  await run('tar', ['-xzf', `${NAME}.tar.gz`], { cwd: folder });
  program = join(folder, NAME, manifest.name);
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('is one folder, no larger than said', async () => {
  expect((await readdir(join(folder, NAME))).sort()).toEqual(['LICENSE-node', 'app', 'node', manifest.name].sort());
  expect((await stat(join(folder, `${NAME}.tar.gz`))).size).toBeLessThan(80_000_000);
});

it('is driven, in memory and on a folder, and starts again', { timeout: TIMEOUT_MS }, async () => {
  const command = (...args: readonly string[]) => runToEnd([program, ...args], nothing());
  for (const place of [['--memory'], ['--data-dir', join(folder, 'data')]]) {
    const emulator = await startEmulatorWith([program], place, nothing());
    await driveEverything(emulator.url, command);
    expect(await emulator.stop()).toBe(0);
    expect(emulator.errors()).toBe('');
  }
  const again = await startEmulatorWith([program], ['--data-dir', join(folder, 'data')], nothing());
  expect(await (await fetch(`${again.url}/examplebucket/a%20key`)).text()).toBe('bytes');
  expect(await again.stop()).toBe(0);
});

it('has all parts', { timeout: TIMEOUT_MS }, async () => {
  const ports = ['--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0', '--host', '127.0.0.1'];
  const doctor = await runToEnd([program, 'doctor', '--memory', ...ports], nothing());
  expect(doctor).toMatchObject({ code: 0, err: '' });
  expect(doctor.out).toMatch(/^ok {4}SQLite +3\.\d+\.\d+ of node:sqlite$/m);
  expect(doctor.out).toMatch(/^ok {4}WebRTC +picture and sound$/m);
});

it('is started through a link', async () => {
  const link = join(folder, 'emulator');
  await symlink(program, link);
  const version = await runToEnd([link, '--version'], { cwd: folder, env: { PATH: '/usr/bin:/bin' } });
  expect(version).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});

it('is not built with a Node that has no SQLite', { timeout: TIMEOUT_MS }, async () => {
  await expect(build(await nodeProgram(OLD_NODE))).rejects.toThrow('run this with Node 22.13 or later');
});
