import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { startEmulator, UsageError } from '../../src/index.ts';
import { controlOf } from '../support/control.ts';

const DAY_MS = 86_400_000;

async function startWithRecordings() {
  const emulator = await startEmulator({ buckets: ['media'] });
  const recordings = [
    { from: '-5d', to: '-119h' },
    { from: '-1h', to: 'now' },
  ];
  await emulator.seed({ buckets: [{ name: 'media', channels: [{ name: 'door', fragDurationSec: 60, recordings }] }] });
  const client = new OSS(emulator.aliOssOptions);
  const control = controlOf(emulator);
  const vodStatus = async (from: string, to: string) =>
    (await control('vod', '/channels/media/door/vod', { from, to })).status;
  return { emulator, client, vodStatus };
}

/** In the form of ali-oss, whose types require a date beside the days. */
function expireAfter(days: number, prefix: string): OSS.LifecycleRule {
  return { id: 'old', prefix, status: 'Enabled', days, date: '' };
}

describe('a lifecycle rule', () => {
  it('lets old fragments leave the bucket and VOD playlists soon after it is stored', async () => {
    const { emulator, client, vodStatus } = await startWithRecordings();
    await using _stopped = emulator;
    expect(await vodStatus('-121h', '-118h')).toBe(200);
    const expired = emulator.events.waitFor('lifecycle.expired');
    await client.putBucketLifecycle('media', [expireAfter(2, 'door/')]);
    expect(await expired).toMatchObject({ bucket: 'media', what: 'objects', count: 60 });
    expect(await vodStatus('-121h', '-118h')).toBe(400);
    expect(await vodStatus('-1h', 'now')).toBe(200);
    const { objects } = await client.listV2({ prefix: 'door/', 'max-keys': '1000' }, {});
    expect(objects.filter(({ name }) => name.endsWith('.ts'))).toHaveLength(60);
  });

  it('follows the clock when it is moved, without anything else', async () => {
    const { emulator, client } = await startWithRecordings();
    await using _stopped = emulator;
    await client.putBucketLifecycle('media', [expireAfter(30, 'door/')]);
    await emulator.clock.advance(32 * DAY_MS);
    await emulator.events.waitFor('lifecycle.expired', undefined, { after: 0 });
    // Waits for the passes that the midnights on the way began.
    await emulator.runLifecycle();
    emulator.clock.reset();
    const { keyCount } = await client.listV2({ prefix: 'door/' }, {});
    expect(keyCount).toBe(0);
  });

  it('can be executed on demand, in process and over HTTP, and be waited for', async () => {
    await using emulator = await startEmulator({ buckets: ['media', 'other'] });
    emulator.clock.freeze();
    const client = new OSS(emulator.aliOssOptions);
    const createdBeforeDate = `${new Date(emulator.clock.now() + 2 * DAY_MS).toISOString().slice(0, 10)}T00:00:00.000Z`;
    const rule = { id: '1', prefix: '', status: 'Enabled' as const, expiration: { createdBeforeDate }, date: '' };
    await client.putBucketLifecycle('media', [rule]);
    expect(await emulator.runLifecycle()).toEqual([]);
    const nothingElse = { expiredVersions: 0, removedMarkers: 0, transitioned: 0, aborted: 0 };
    const done = { bucket: 'media', expired: 1, ...nothingElse };
    await client.put('a', Buffer.from('a'));
    expect(await emulator.runLifecycle('other')).toEqual([]);
    expect(await emulator.runLifecycle()).toEqual([done]);
    await client.put('b', Buffer.from('b'));
    const control = controlOf(emulator);
    const ran = await control('runLifecycle', '/lifecycle/run', { bucket: 'media' });
    expect([ran.status, ran.body.buckets]).toEqual([200, [done]]);
    expect((await control('runLifecycle', '/lifecycle/run', { bucket: 'none' })).status).toBe(404);
    await expect(emulator.runLifecycle('none')).rejects.toThrow(new UsageError('There is no bucket "none".'));
  });

  it('is gone after a reset, with the pass that it began', async () => {
    const { emulator, client } = await startWithRecordings();
    await using _stopped = emulator;
    await client.putBucketLifecycle('media', [expireAfter(2, 'door/')]);
    await emulator.reset();
    await expect(client.getBucketLifecycle('media')).rejects.toMatchObject({ code: 'NoSuchLifecycle' });
    const before = emulator.events.lastId;
    await client.put('door/a', Buffer.from('a'));
    await emulator.runLifecycle();
    expect(emulator.events.since(before).map(({ type }) => type)).toEqual(['request.answered']);
  });
});
