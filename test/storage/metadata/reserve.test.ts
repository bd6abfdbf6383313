import { execFileSync } from 'node:child_process';
import { existsSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Reserve } from '../../../src/storage/metadata/reserve.ts';

const RESERVE_BYTES = 5 * 1024 * 1024;

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reserve-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, 'reserve');
});

it('takes its room, gives it up, and takes it again', () => {
  const reserve = new Reserve(path);
  expect(existsSync(path)).toBe(false);
  for (let time = 0; time < 2; time++) {
    reserve.take();
    expect(statSync(path).size).toBe(RESERVE_BYTES);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    reserve.release();
    expect(existsSync(path)).toBe(false);
  }
});

it('takes the rest where a process before had room for a part only', () => {
  new Reserve(path).take();
  truncateSync(path, 1_000_000);
  new Reserve(path).take();
  expect(statSync(path).size).toBe(RESERVE_BYTES);
});

it('refuses a FIFO in its place, and does not wait for it', () => {
  execFileSync('mkfifo', [path]);
  expect(() => new Reserve(path)).toThrow(`${path} is no regular file: move it away`);
});

it('leaves that of another data folder alone, which has come into the place of its own', () => {
  let isAtPath = true;
  const reserve = new Reserve(path, () => isAtPath);
  isAtPath = false;
  reserve.take();
  expect(existsSync(path)).toBe(false);
  new Reserve(path).take();
  reserve.release();
  expect(existsSync(path)).toBe(true);
});
