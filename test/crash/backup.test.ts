/** A backup that is made while clients write, and what is restored of it. */
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { restartedFolderViolations } from '../../scripts/crash/audit/auditor.ts';
import { orphansOf } from '../../scripts/crash/audit/bytes.ts';
import { channelViolations } from '../../scripts/crash/audit/channels.ts';
import { withSnapshot } from '../../scripts/crash/audit/snapshot.ts';
import { Client } from '../../scripts/crash/client.ts';
import { Ledger } from '../../scripts/crash/ledger.ts';
import { runLoad } from '../../scripts/crash/load/load.ts';
import { Random } from '../../scripts/crash/random.ts';
import { startEmulator } from '../../src/index.ts';
import { temporaryFolder } from '../e2e/command.ts';

const OPTIONS = { memory: false, host: '127.0.0.1', buckets: ['examplebucket'] } as const;

it('made under load it is consistent: every row has its bytes, and no bytes are without a row', async () => {
  const folder = await temporaryFolder();
  const emulator = await startEmulator({ ...OPTIONS, dataDir: join(folder, 'data') });
  const gone = new AbortController();
  const stored = emulator.events.waitFor('fragment.stored');
  const loaded = runLoad(emulator.port, new Ledger(), new Random(1), gone.signal);
  await stored;
  const backups: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    const { folder: made, missing, files } = await emulator.backUp(join(folder, name));
    expect(missing).toBe(0);
    expect(files).toBeGreaterThan(0);
    backups.push(made);
    await emulator.events.waitFor('fragment.stored');
  }
  gone.abort();
  await emulator.stop();
  await loaded;

  for (const dataDir of backups) {
    expect((await readdir(dataDir)).sort()).toEqual(['metadata.sqlite', 'objects']);
    expect(withSnapshot(dataDir, orphansOf)).toEqual([]);
    const restored = await startEmulator({ ...OPTIONS, dataDir });
    const client = new Client(restored.port);
    const ledger = new Ledger();
    for (const { name } of await restored.channels()) {
      if (name.startsWith('cam-')) ledger.channel(name).exists.settle(true);
    }
    const violations = await channelViolations(client, ledger);
    client.close();
    await restored.stop();
    // Whether a channel was switched off at that moment, nobody has noted.
    expect(violations.filter((violation) => !violation.includes('is disabled'))).toEqual([]);
    expect(restartedFolderViolations(dataDir)).toEqual([]);
  }
}, 120_000);

it('keeps what is deleted while it is made, and lets it go afterwards', async () => {
  const folder = await temporaryFolder();
  await using emulator = await startEmulator({ ...OPTIONS, dataDir: join(folder, 'data') });
  const client = new Client(emulator.port);
  onTestFinished(() => client.close());
  await client.oss('PUT', '/examplebucket/deleted', { body: 'still there' });
  const [backup] = await Promise.all([
    emulator.backUp(join(folder, 'copy')),
    client.oss('DELETE', '/examplebucket/deleted'),
  ]);
  expect(backup).toMatchObject({ missing: 0 });
  expect(withSnapshot(backup.folder, orphansOf)).toEqual([]);
  expect(restartedFolderViolations(backup.folder)).toEqual([]);
  expect(await readdir(join(folder, 'data/objects'))).not.toContain('examplebucket');
});

it('removes nothing that it has not made, whatever the names', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'copy.partial'));
  await writeFile(join(folder, 'copy.partial/mine'), 'mine');
  const dataDir = join(folder, 'data.partial');
  await using emulator = await startEmulator({ ...OPTIONS, dataDir });
  const client = new Client(emulator.port);
  onTestFinished(() => client.close());
  await client.oss('PUT', '/examplebucket/a', { body: 'a' });
  for (const name of ['copy', 'data']) {
    expect(await emulator.backUp(join(folder, name))).toMatchObject({ files: 1, missing: 0 });
  }
  expect(await readFile(join(folder, 'copy.partial/mine'), 'utf8')).toBe('mine');
  expect((await client.oss('GET', '/examplebucket/a')).text).toBe('a');
  expect((await readdir(folder)).sort()).toEqual(['copy', 'copy.partial', 'data', 'data.partial']);
});

it('counts the objects whose bytes were gone or changed before', async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  await using emulator = await startEmulator({ ...OPTIONS, dataDir });
  const client = new Client(emulator.port);
  onTestFinished(() => client.close());
  for (const key of ['gone', 'cut', 'whole']) await client.oss('PUT', `/examplebucket/${key}`, { body: key });
  await rm(join(dataDir, 'objects/examplebucket/gone'));
  await truncate(join(dataDir, 'objects/examplebucket/cut'), 1);
  expect(await emulator.backUp(join(folder, 'copy'))).toMatchObject({ files: 2, missing: 1, changed: 1 });
});

it('is independent of the folder it was made of', async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const emulator = await startEmulator({ ...OPTIONS, dataDir });
  const client = new Client(emulator.port);
  await client.oss('PUT', '/examplebucket/a', { body: 'before' });
  const backup = await emulator.backUp(join(folder, 'copy'));
  await client.oss('PUT', '/examplebucket/a', { body: 'after' });
  client.close();
  await emulator.stop();
  await rm(dataDir, { recursive: true });
  await using restored = await startEmulator({ ...OPTIONS, dataDir: backup.folder });
  const again = new Client(restored.port);
  onTestFinished(() => again.close());
  expect((await again.oss('GET', '/examplebucket/a')).text).toBe('before');
});

it('is refused in one sentence where there is something, where nothing can be made, and without a data folder', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'used'));
  await writeFile(join(folder, 'used/file'), '');
  await using emulator = await startEmulator({ ...OPTIONS, dataDir: join(folder, 'data') });
  await expect(emulator.backUp(join(folder, 'used'))).rejects.toThrow('cannot be made: the folder is not empty.');
  await expect(emulator.backUp(join(folder, 'used/file/copy'))).rejects.toThrow(/cannot be made: ENOTDIR/);
  await expect(emulator.backUp(join(folder, 'data/deep/copy'))).rejects.toThrow('it is in the data folder.');
  await mkdir(join(folder, 'empty'));
  await symlink(join(folder, 'empty'), join(folder, 'link'));
  await expect(emulator.backUp(join(folder, 'link'))).rejects.toThrow('it is a link, name the folder itself.');
  await symlink(join(folder, 'data'), join(folder, 'way'));
  await expect(emulator.backUp(join(folder, 'way/copy'))).rejects.toThrow('it is in the data folder.');
  if (process.platform === 'linux') {
    await expect(emulator.backUp('/proc/self/copy')).rejects.toThrow(/cannot be made: ENOENT/);
  }
  await rename(join(folder, 'data'), join(folder, 'moved'));
  await expect(emulator.backUp(join(folder, 'copy'))).rejects.toThrow(/data is not there any more\. Put it back, or/);
  await rename(join(folder, 'moved'), join(folder, 'data'));
  await using inMemory = await startEmulator();
  await expect(inMemory.backUp(join(folder, 'copy'))).rejects.toThrow('Everything is in memory');
  expect((await readdir(folder)).sort()).toEqual(['data', 'empty', 'link', 'used', 'way']);
});
