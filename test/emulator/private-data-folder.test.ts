import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../src/testing/start-emulator.ts';
import { temporaryFolder } from '../e2e/command.ts';

/** The key of a certificate takes seconds on a machine with much to do. */
const MAX_MS = 60_000;

/** Each path below the folder, the folder itself as `.`, that somebody else may read or enter. */
async function openPaths(folder: string): Promise<readonly string[]> {
  const paths = ['.', ...(await readdir(folder, { recursive: true }))];
  const open: string[] = [];
  for (const path of paths) {
    const { mode } = await stat(join(folder, path));
    if ((mode & 0o077) !== 0) open.push(`${path} ${(mode & 0o777).toString(8)}`);
  }
  return open;
}

/** With everything that is written to disk: objects, versions, parts, a recording, a certificate. */
async function use(dataDir: string): Promise<void> {
  const options = { memory: false, dataDir, buckets: ['examplebucket:public-read-write'] };
  await using emulator = await startEmulator(options);
  await (await emulator.publish({ channel: 'test-channel', durationSec: 6, speed: 'max' })).done;
  const put = (target: string) => fetch(`${emulator.endpoint}/examplebucket/${target}`, { method: 'PUT', body: 'a' });
  for (const target of ['a', 'folder/of/b', `${'long'.repeat(60)}/c`]) expect((await put(target)).status).toBe(200);
  const begun = await fetch(`${emulator.endpoint}/examplebucket/parts?uploads`, { method: 'POST' });
  const [, uploadId] = /<UploadId>(.*)<\/UploadId>/.exec(await begun.text()) ?? [];
  expect((await put(`parts?partNumber=1&uploadId=${uploadId}`)).status).toBe(200);
  expect((await fetch(`${emulator.endpoint}/_emulator/mns/cert.pem`)).status).toBe(200);
  expect(await openPaths(dataDir)).toEqual([]);
}

it(
  'nobody else may read anything in a data folder, whatever the umask',
  async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const dataDir = join(await temporaryFolder(), 'made/by/us');
    await use(dataDir);
    expect(await openPaths(dataDir)).toEqual([]);
  },
  MAX_MS,
);

it(
  'a folder of an earlier version is made private at the start, but for the mode of the folder itself',
  async () => {
    const dataDir = await temporaryFolder();
    await chmod(dataDir, 0o755);
    for (const folder of ['objects', 'mns']) await mkdir(join(dataDir, folder), { recursive: true, mode: 0o755 });
    for (const name of ['emulator.lock', 'metadata.sqlite']) await writeFile(join(dataDir, name), '', { mode: 0o644 });
    const options = { memory: false, dataDir };
    const emulator = await startEmulator(options);
    await fetch(`${emulator.endpoint}/_emulator/mns/cert.pem`);
    const open = await openPaths(dataDir);
    await emulator.stop();
    expect(open).toEqual(['. 755']);
  },
  MAX_MS,
);
