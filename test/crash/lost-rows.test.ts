/** Changes of the database that somebody takes away after a crash, or between two runs. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { Client } from '../../scripts/crash/client.ts';
import { type EmulatorProcess, isRunning, startEmulator } from '../../scripts/crash/emulator-process.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { bundledCommand } from './bundled.ts';

const command = bundledCommand();
const FILES = 20;

async function start(folder: string): Promise<EmulatorProcess> {
  const emulator = await startEmulator({ folder, program: command.path });
  if (!isRunning(emulator)) throw new Error(emulator.output);
  onTestFinished(async () => {
    emulator.signal('SIGKILL');
    await emulator.exited;
  });
  return emulator;
}

async function put(emulator: EmulatorProcess, name: string): Promise<void> {
  const client = new Client(emulator.port);
  for (let n = 0; n < FILES; n++) {
    expect((await client.ask('PUT', `/examplebucket/${name}-${n}`, { body: 'x' })).status).toBe(200);
  }
  client.close();
}

async function end(emulator: EmulatorProcess, signal: NodeJS.Signals): Promise<void> {
  emulator.signal(signal);
  await emulator.exited;
}

function doctor(folder: string, ...args: readonly string[]) {
  const options = ['--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0', '--data-dir', folder, ...args];
  return spawnSync(process.execPath, [command.path, 'doctor', ...options], { encoding: 'utf8' });
}

/** A folder with rows in the database, and as many in the log that a kill left. */
async function killedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  const first = await start(folder);
  await put(first, 'early');
  await end(first, 'SIGTERM');
  const second = await start(folder);
  await put(second, 'late');
  await end(second, 'SIGKILL');
  return folder;
}

async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}

function files(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder, { recursive: true }) : Promise.resolve([]);
}

async function filesInAll(folder: string): Promise<number> {
  const names = await readdir(folder);
  const places = names.filter((name) => name.startsWith('objects'));
  const found = await Promise.all(places.map((name) => files(join(folder, name, 'examplebucket'))));
  return found.flat().length;
}

it.each<[string, (wal: string) => Promise<void>]>([
  ['is gone', (wal) => rm(wal)],
  ['is empty', (wal) => truncate(wal, 0)],
  ['is cut in half', async (wal) => truncate(wal, (await stat(wal)).size / 2)],
  ['begins with other bytes', (wal) => overwrite(wal, 0, Buffer.alloc(4096, 0x5a))],
  ['has one other byte in the middle', (wal) => overwrite(wal, 32 + 24 + 100, Buffer.from('?'))],
])(
  'a log that %s after a kill costs rows, but no file',
  async (_, harm) => {
    const folder = await killedFolder();
    await harm(join(folder, 'metadata.sqlite-wal'));
    const said = doctor(folder);
    expect(said.stdout).toMatch(/bad +stored objects +\d+ files .* belong to none: .*metadata\.sqlite-wal is/);
    expect(said.status).toBe(1);
    const next = await start(folder);
    await expect.poll(next.output, { timeout: 10_000 }).toMatch(/error storage\.rows-lost .*objects-without-rows-/);
    expect(await filesInAll(folder)).toBe(2 * FILES);
    await put(next, 'next');
    await end(next, 'SIGTERM');
    // What was moved stays, and the next kill leaves nothing.
    expect(doctor(folder).stdout).toContain('every one has its file');
  },
  60_000,
);

it('an older database that was put back, or one that somebody deleted rows of, costs no file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'metadata.sqlite');
  const first = await start(folder);
  await put(first, 'early');
  await end(first, 'SIGTERM');
  await copyFile(path, `${path}.old`);
  const second = await start(folder);
  await put(second, 'late');
  await end(second, 'SIGTERM');
  await copyFile(`${path}.old`, path);
  const third = await start(folder);
  await expect
    .poll(third.output, { timeout: 10_000 })
    .toMatch(/storage\.rows-lost .*is not the one that the last run left/);
  await end(third, 'SIGTERM');

  const database = new Database(path);
  database.exec('delete from objects');
  database.close();
  const fourth = await start(folder);
  await expect.poll(fourth.output, { timeout: 10_000 }).toMatch(/storage\.rows-lost/);
  await end(fourth, 'SIGTERM');
  expect(await filesInAll(folder)).toBe(2 * FILES);
}, 60_000);

it('a log that is whole after a kill is no reason for doubt: what no row names is removed, also after doctor has looked', async () => {
  const folder = await killedFolder();
  await writeFile(join(folder, 'objects/examplebucket/orphan'), 'x');
  expect(doctor(folder).stdout).toMatch(
    /note +stored objects +1 files .* belong to none\n.*the next start removes them/,
  );
  const next = await start(folder);
  await expect.poll(next.output, { timeout: 10_000 }).toMatch(/storage\.swept files=1/);
  expect(next.output()).not.toMatch(/rows-lost/);
  await end(next, 'SIGTERM');
  expect((await readdir(folder)).filter((name) => name.startsWith('objects'))).toEqual(['objects']);
}, 60_000);

it('a database whose first bytes are lost is repaired with all its rows', async () => {
  const folder = await temporaryFolder();
  const first = await start(folder);
  await put(first, 'early');
  await end(first, 'SIGTERM');
  await overwrite(join(folder, 'metadata.sqlite'), 0, Buffer.alloc(16, 0x5a));
  expect(doctor(folder).stdout).toMatch(/database .*is damaged/);
  const repaired = doctor(folder, '--repair');
  expect(repaired.stdout).toMatch(/objects +\d+ rows\n/);
  const next = await start(folder);
  const client = new Client(next.port);
  expect((await client.ask('GET', '/examplebucket/early-7')).text).toBe('x');
  client.close();
  await end(next, 'SIGTERM');
  expect(await files(join(folder, 'objects/examplebucket'))).toHaveLength(FILES);
}, 60_000);
