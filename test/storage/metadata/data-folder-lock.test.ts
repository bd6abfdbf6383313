import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { lockDataFolder } from '../../../src/storage/metadata/data-folder-lock.ts';
import { compileSources, startScript } from './child-process.ts';

const HOLDER = `
import { lockDataFolder } from './storage/metadata/data-folder-lock.js';
await lockDataFolder(process.argv[2]);
process.stdout.write('locked');
setInterval(() => {}, 60_000);
`;

let compiled: string;
let parent: string;
let dir: string;

beforeAll(async () => {
  compiled = await compileSources('storage/metadata/data-folder-lock.ts');
});
afterAll(() => rm(compiled, { recursive: true }));
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lock-'));
  dir = join(parent, 'made', 'by-the-lock');
});
afterEach(() => rm(parent, { recursive: true }));

test('a folder is locked once, also within one process, until it is released', async () => {
  const lock = await lockDataFolder(dir);
  await expect(lockDataFolder(dir)).rejects.toThrow(UsageError);
  await expect(lockDataFolder(dir)).rejects.toThrow(`pid ${process.pid}`);
  await lock.release();
  await (await lockDataFolder(dir)).release();
});

test('another folder is another lock', async () => {
  const [one, other] = [await lockDataFolder(join(dir, 'one')), await lockDataFolder(join(dir, 'other'))];
  await one.release();
  await other.release();
});

test('the lock of another process is respected, and taken over as soon as that is dead', async () => {
  const holder = await startScript(compiled, HOLDER, dir);
  const ended = once(holder, 'close');
  if (holder.stdout) await once(holder.stdout, 'data');
  await expect(lockDataFolder(dir)).rejects.toThrow(`pid ${holder.pid}`);
  holder.kill('SIGKILL');
  await ended;
  const lock = await lockDataFolder(dir);
  await expect(lockDataFolder(dir)).rejects.toThrow(`pid ${process.pid}`);
  await lock.release();
});

test('a FIFO in place of the file with the pid is refused, and not waited for', async () => {
  await mkdir(dir, { recursive: true });
  execFileSync('mkfifo', [join(dir, 'emulator.pid')]);
  await expect(lockDataFolder(dir)).rejects.toThrow(UsageError);
  await expect(lockDataFolder(dir)).rejects.toThrow('emulator.pid is no regular file: move it away');
});

test('a folder that cannot be made is one sentence', async () => {
  await writeFile(join(parent, 'file'), '');
  await expect(lockDataFolder(join(parent, 'file', 'below'))).rejects.toThrow(UsageError);
});
