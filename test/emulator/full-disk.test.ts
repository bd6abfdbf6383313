/** On a disk that is full for real. Where mounting is not allowed, the same is tested with the faults of an adapter elsewhere. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type OSS from 'ali-oss';
import { expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { compareDataFolder } from '../../src/emulator/compare-data-folder.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith, MOUNT } from '../support/tools.ts';

/** Takes what room there is, to the last page. */
function fill(folder: string): void {
  for (const blockBytes of [64 * 1024, 4096, 512]) {
    const block = Buffer.alloc(blockBytes, 'x');
    try {
      for (;;) appendFileSync(join(folder, 'filling'), block);
    } catch {
      // Full for blocks of this size.
    }
  }
}

async function smallDisk(): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', at]);
  onTestFinished(async () => {
    execFileSync('umount', ['-l', at]);
    await rm(at, { recursive: true });
  });
  return at;
}

async function startOnSmallDisk() {
  const at = await smallDisk();
  const dataDir = join(at, 'data');
  const started = await startTestEmulator({ memory: false, dataDir });
  onTestFinished(() => started.emulator.stop());
  return { ...started, at, dataDir };
}

/** Of the answer to a request of the SDK, in whichever form it gives it. */
const status = (answer: Promise<{ res: { status: number } } | { status: number }>) =>
  answer.then(
    (result) => ('res' in result ? result.res.status : result.status),
    (error: { status: number }) => error.status,
  );

async function putMany(client: OSS, count: number): Promise<readonly string[]> {
  const keys = Array.from({ length: count }, (_, n) => `k${n}`);
  for (const key of keys) await client.put(key, Buffer.from(key));
  return keys;
}

describeWith([MOUNT], 'on a full disk', () => {
  it('objects, uploads, channels and buckets can be deleted, and then there is room again', async () => {
    const { client, at, dataDir } = await startOnSmallDisk();
    const keys = await putMany(client, 60);
    await client.put('large', Buffer.alloc(1024 * 1024));
    const { uploadId } = await client.initMultipartUpload('upload');
    await client.uploadPart('upload', uploadId, 1, Buffer.alloc(200_000), 0, 200_000);
    await client.putChannel('cam', {
      Description: '',
      Status: 'enabled',
      Target: { Type: 'HLS' },
    } as OSS.PutChannelConf);
    await client.putBucket('otherbucket');
    fill(at);
    expect(await status(client.put('more', Buffer.alloc(100_000)))).toBe(500);
    const [first = '', second = '', ...rest] = keys;
    expect(await status(client.delete(first))).toBe(204);
    expect(await status(client.delete(second))).toBe(204);
    expect((await client.deleteMulti([...rest])).deleted).toHaveLength(rest.length);
    fill(at);
    await client.deleteChannel('cam');
    await client.abortMultipartUpload('upload', uploadId);
    await client.deleteBucket('otherbucket');
    expect(await status(client.delete('large'))).toBe(204);
    expect(await status(client.put('more', Buffer.alloc(100_000)))).toBe(200);
    expect((await client.list({ 'max-keys': 100 }, {})).objects.map(({ name }) => name)).toEqual(['more']);
    expect(await compareDataFolder(dataDir)).toEqual({
      unnamed: { count: 0, sizeBytes: 0 },
      gone: { count: 0, first: undefined },
      changed: { count: 0, first: undefined },
      unreadable: { count: 0, first: undefined },
    });
  });

  it('a lifecycle deletes what is over', async () => {
    const { client, at, emulator } = await startOnSmallDisk();
    const dayMs = 24 * 60 * 60_000;
    emulator.clock.freeze();
    const createdBeforeDate = `${new Date(emulator.clock.now() + 2 * dayMs).toISOString().slice(0, 10)}T00:00:00.000Z`;
    const rule = { id: '1', prefix: '', status: 'Enabled' as const, expiration: { createdBeforeDate }, date: '' };
    await client.putBucketLifecycle('examplebucket', [rule]);
    await emulator.control.runLifecycle('examplebucket');
    const keys = await putMany(client, 60);
    fill(at);
    expect(await emulator.control.runLifecycle('examplebucket')).toMatchObject([{ expired: keys.length }]);
    expect(await status(client.put('more', Buffer.alloc(50_000)))).toBe(200);
  });

  it('every write is refused as an error of the service, and leaves nothing behind', async () => {
    const { client, at, dataDir, endpoint } = await startOnSmallDisk();
    await client.append('log', Buffer.alloc(50_000));
    const { uploadId } = await client.initMultipartUpload('upload');
    await client.uploadPart('upload', uploadId, 1, Buffer.alloc(150_000), 0, 150_000);
    fill(at);
    const large = Buffer.alloc(300_000);
    expect(await status(client.put('k', large))).toBe(500);
    expect(await status(client.append('log', large, { position: '50000' }))).toBe(500);
    expect(await status(client.copy('copied', 'log'))).toBe(500);
    expect(await status(client.uploadPart('upload', uploadId, 2, large, 0, large.length))).toBe(500);
    const refused = await fetch(`${endpoint}/examplebucket/k?append&position=0`, { method: 'POST', body: large });
    expect(refused.status).toBe(403);
    expect(await readdir(join(dataDir, 'objects/.incoming'))).toEqual([]);
    await truncate(join(at, 'filling'), 0);
    expect(await compareDataFolder(dataDir)).toEqual({
      unnamed: { count: 0, sizeBytes: 0 },
      gone: { count: 0, first: undefined },
      changed: { count: 0, first: undefined },
      unreadable: { count: 0, first: undefined },
    });
    expect(await status(client.append('log', large, { position: '50000' }))).toBe(200);
  });

  it('an emulator that was stopped starts again, so that things can be deleted', async () => {
    const { client, at, dataDir, emulator } = await startOnSmallDisk();
    await client.put('k', Buffer.alloc(500_000));
    await emulator.stop();
    fill(at);
    const again = await startTestEmulator({ memory: false, dataDir });
    expect(await status(again.client.delete('k'))).toBe(204);
  });

  it('no backup is made, and it is said which disk is full', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'data-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const { emulator } = await startTestEmulator({ memory: false, dataDir });
    const at = await smallDisk();
    fill(at);
    const folder = join(at, 'copy');
    const backup = emulator.control.backUp(folder);
    await expect(backup).rejects.toThrow(UsageError);
    await expect(backup).rejects.toThrow(`The backup ${folder} cannot be made: its disk is full (`);
    expect(await readdir(at)).toEqual(['filling']);
  });
});
