import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { AFTER_START_MS, loadProgram } from '../../src/base/load-program.ts';
import { STARTED, STOPPED } from '../../src/base/started.ts';

let texts = 1000;

/** Of equal length, but each time another text: what this process has compiled before, V8 remembers without any file. */
const programText = () => `(function (exports, require, module, __filename, __dirname) {
  const { basename } = require('node:path');
  exports.name = () => basename(__filename);
  // ${texts++}
})`;

async function programFile() {
  const folder = await mkdtemp(join(tmpdir(), 'load-program-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'program-1.js');
  await writeFile(path, programText());
  return { folder, path };
}

/** Loads it, calls it, and lets the time pass after which what was compiled is kept. */
function start(path: string): unknown {
  const clock = new ManualClock(0);
  // The cast: the program above.
  const { name } = loadProgram(path, clock) as { name(): string };
  const result = name();
  STARTED.publish({});
  clock.advance(AFTER_START_MS);
  return result;
}

async function compiledFile(folder: string) {
  const names = (await readdir(folder)).filter((name) => name !== 'program-1.js');
  expect(names).toEqual([expect.stringMatching(/^program-1-[\w.-]+\.cache$/)]);
  return join(folder, names[0] ?? '');
}

/** Other bytes at this part of a file. */
async function invert(path: string, part: number): Promise<void> {
  const bytes = await readFile(path);
  const from = Math.floor(bytes.length * part);
  for (let at = from; at < from + 16; at++) bytes[at] = ~(bytes[at] ?? 0);
  await writeFile(path, bytes);
}

test('what was compiled is kept, and the next start takes it as it is', async () => {
  const { folder, path } = await programFile();
  expect(start(path)).toBe('program-1.js');
  const compiled = await compiledFile(folder);
  const { ino } = await stat(compiled);
  await writeFile(path, programText());
  expect(start(path)).toBe('program-1.js');
  expect((await stat(compiled)).ino).toBe(ino);
});

test('what was compiled is kept at the latest when the emulator stops', async () => {
  const { folder, path } = await programFile();
  loadProgram(path, new ManualClock(0));
  STARTED.publish({});
  expect(await readdir(folder)).toEqual(['program-1.js']);
  STOPPED.publish({});
  const { ino } = await stat(await compiledFile(folder));
  STOPPED.publish({});
  expect((await stat(await compiledFile(folder))).ino).toBe(ino);
});

test('a program that starts no emulator keeps nothing', async () => {
  const { folder, path } = await programFile();
  const clock = new ManualClock(0);
  loadProgram(path, clock);
  clock.advance(AFTER_START_MS);
  expect(await readdir(folder)).toEqual(['program-1.js']);
  STARTED.publish({});
  clock.advance(AFTER_START_MS);
});

test.each([
  ['empty', (path: string) => truncate(path)],
  ['cut off', (path: string) => truncate(path, 200)],
  ['something else', (path: string) => writeFile(path, 'x'.repeat(2_000))],
  // V8 would not notice these, and would end the process.
  ['damaged at its beginning', (path: string) => invert(path, 0.1)],
  ['damaged in its middle', (path: string) => invert(path, 0.5)],
  ['damaged at its end', (path: string) => invert(path, 0.9)],
])('what is kept and is %s is made again', async (_what, damage) => {
  const { folder, path } = await programFile();
  start(path);
  const compiled = await compiledFile(folder);
  const { ino } = await stat(compiled);
  await damage(compiled);
  await writeFile(path, programText());
  expect(start(path)).toBe('program-1.js');
  const again = await stat(await compiledFile(folder));
  expect(again.ino).not.toBe(ino);
  await writeFile(path, programText());
  expect(start(path)).toBe('program-1.js');
  expect((await stat(await compiledFile(folder))).ino).toBe(again.ino);
});

test('what cannot be kept is compiled at every start', async () => {
  const { folder, path } = await programFile();
  const clock = new ManualClock(0);
  loadProgram(path, clock);
  await rm(folder, { recursive: true });
  STARTED.publish({});
  expect(() => clock.advance(AFTER_START_MS)).not.toThrow();
});

test('nobody else may change what is kept, whatever the umask', async () => {
  const { folder, path } = await programFile();
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  start(path);
  expect((await stat(await compiledFile(folder))).mode & 0o777).toBe(0o644);
});

test('neither a folder in its place nor a name that is too long hinders a start', async () => {
  const { folder, path } = await programFile();
  start(path);
  const compiled = await compiledFile(folder);
  await rm(compiled);
  await mkdir(compiled);
  expect(start(path)).toBe('program-1.js');
  const long = `program-${'x'.repeat(230)}.js`;
  await writeFile(join(folder, long), programText());
  expect(start(join(folder, long))).toBe(long);
  expect((await readdir(folder)).toSorted()).toEqual([basename(compiled), 'program-1.js', long].toSorted());
});
