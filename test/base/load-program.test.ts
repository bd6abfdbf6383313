import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { AFTER_START_MS, loadProgram } from '../../src/base/load-program.ts';
import { STARTED } from '../../src/base/started.ts';

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

test('what was compiled is kept, and the next start takes it as it is', async () => {
  const { folder, path } = await programFile();
  expect(start(path)).toBe('program-1.js');
  const compiled = await compiledFile(folder);
  const { ino } = await stat(compiled);
  await writeFile(path, programText());
  expect(start(path)).toBe('program-1.js');
  expect((await stat(compiled)).ino).toBe(ino);
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
])('what is kept and is %s is made again', async (_what, damage) => {
  const { folder, path } = await programFile();
  start(path);
  const compiled = await compiledFile(folder);
  const whole = (await readFile(compiled)).length;
  await damage(compiled);
  await writeFile(path, programText());
  expect(start(path)).toBe('program-1.js');
  expect((await readFile(await compiledFile(folder))).length).toBe(whole);
});

test('what cannot be kept is compiled at every start', async () => {
  const { folder, path } = await programFile();
  const clock = new ManualClock(0);
  loadProgram(path, clock);
  await rm(folder, { recursive: true });
  STARTED.publish({});
  expect(() => clock.advance(AFTER_START_MS)).not.toThrow();
});
