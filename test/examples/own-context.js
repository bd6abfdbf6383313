// Follows a line that loads the library, in a file of tests of Jest or vitest, which give each such file a context of its own.
const { mkdtemp, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

let folder;
let emulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-context-'));
  emulator = await startEmulator({ dataDir: folder });
});
afterAll(async () => {
  await emulator.stop();
  await rm(folder, { recursive: true });
});

test('the file has a context of its own', () => {
  const { runInThisContext } = require('node:vm');
  expect(runInThisContext('Error')).not.toBe(Error);
});

test('what the library throws are errors of this context', async () => {
  await expect(emulator.seed({ buckets: [{ name: 'NO' }] })).rejects.toThrow(Error);
  await expect(startEmulator({ port: 'no' })).rejects.toBeInstanceOf(Error);
  await expect(emulator.playUrl('absent')).rejects.toBeInstanceOf(Error);
  await expect(emulator.publish({ channel: 'test-channel', clip: join(folder, 'absent.flv') })).rejects.toThrow(
    /absent\.flv/,
  );
});

test('what the library returns is of this context', async () => {
  const streams = await emulator.streams();
  expect(streams).toBeInstanceOf(Array);
  expect(streams).toStrictEqual([]);
  expect(emulator.aliOssOptions).toBeInstanceOf(Object);
});

test('the errors of SQLite and of Node are told', async () => {
  await expect(startEmulator({ dataDir: folder })).rejects.toThrow(/in use by another emulator/);
  await expect(startEmulator({ port: emulator.port })).rejects.toThrow(/port \d+/i);
  await expect(startEmulator({ seed: join(folder, 'absent.json') })).rejects.toThrow(/absent\.json/);
});
