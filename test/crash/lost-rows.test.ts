/** Changes of the database that somebody takes away after a crash, or between two runs. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, open, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
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

/** Those that rows name, and those that sweeps have moved. */
async function filesInAll(folder: string): Promise<number> {
  const sweeps = (await readdir(folder)).includes('swept') ? await readdir(join(folder, 'swept')) : [];
  const places = ['objects', ...sweeps.map((time) => `swept/${time}`)];
  const found = await Promise.all(places.map((place) => files(join(folder, place, 'examplebucket'))));
  return found.flat().length;
}

async function copyDatabase(path: string, to: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) await copyFile(path + suffix, to + suffix);
}

it.each<[string, (database: string) => Promise<void>]>([
  ['is gone', (database) => rm(`${database}-wal`)],
  [
    'is gone with its index',
    async (database) => {
      for (const suffix of ['-wal', '-shm']) await rm(database + suffix);
    },
  ],
  ['is empty', (database) => truncate(`${database}-wal`, 0)],
  ['is cut in half', async (database) => truncate(`${database}-wal`, (await stat(`${database}-wal`)).size / 2)],
  ['begins with other bytes', (database) => overwrite(`${database}-wal`, 0, Buffer.alloc(4096, 0x5a))],
  ['has one other byte in the middle', (database) => overwrite(`${database}-wal`, 32 + 24 + 100, Buffer.from('?'))],
])(
  'a log that %s after a kill costs rows, but no file',
  async (_, harm) => {
    const folder = await killedFolder();
    await harm(join(folder, 'metadata.sqlite'));
    expect(doctor(folder).stdout).toMatch(/note +stored objects +\d+ files .* belong to none\n.*moves them to .*swept/);
    for (let starts = 0; starts < 2; starts++) {
      const next = await start(folder);
      if (starts === 0) await next.said(/storage\.swept .*movedTo=.*swept/);
      await end(next, 'SIGTERM');
    }
    expect(await filesInAll(folder)).toBe(2 * FILES);
    expect(doctor(folder).stdout).toContain('every one has its file');
  },
  60_000,
);

it('a database that was put back, or that somebody deleted rows of, costs no file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'metadata.sqlite');
  const first = await start(folder);
  await put(first, 'early');
  await copyDatabase(path, `${path}.old`);
  await put(first, 'late');
  await end(first, 'SIGTERM');
  await copyDatabase(`${path}.old`, path);
  const second = await start(folder);
  await second.said(/storage\.swept files=20/);
  await end(second, 'SIGTERM');
  const database = new Database(path);
  database.exec('delete from objects');
  database.close();
  const third = await start(folder);
  await third.said(/storage\.swept files=20/);
  await end(third, 'SIGTERM');
  expect(await filesInAll(folder)).toBe(2 * FILES);
}, 60_000);

it('what was moved is removed by a start a week later', async () => {
  const folder = await killedFolder();
  await writeFile(join(folder, 'objects/examplebucket/orphan'), 'x');
  const next = await start(folder);
  await next.said(/storage\.swept files=1/);
  await end(next, 'SIGTERM');
  const [time = ''] = await readdir(join(folder, 'swept'));
  expect(await files(join(folder, 'swept', time))).toEqual(['examplebucket', 'examplebucket/orphan']);
  const nearlyAWeekAgo = Date.now() / 1000 - 6.9 * 24 * 3600;
  for (const [whenSec, left] of [
    [nearlyAWeekAgo, [time]],
    [nearlyAWeekAgo - 24 * 3600, []],
  ] as const) {
    await utimes(join(folder, 'swept', time), whenSec, whenSec);
    // A sweep of usual length ends before the process does.
    await end(await start(folder), 'SIGTERM');
    expect(await readdir(join(folder, 'swept'))).toEqual(left);
  }
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
