import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { sourceId } from '../../../src/base/push-source.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { ChannelService } from '../../../src/oss/channel/channel-service.ts';
import type { PublishingChannel } from '../../../src/oss/channel/publishing.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import { PendingWrites, RETRY_DELAY_MS } from '../../../src/storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';

const CONFIG = { target: { type: 'HLS' }, snapshots: [] };
const PUSH = { bucket: 'bucket', channel: 'cam', remoteAddr: '127.0.0.1:50000' };

async function setUp(leases = createInProcessLeases(), rewritePlaylists = async () => {}) {
  const clock = new ManualClock(1_735_688_400_000);
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  await metadata.putBucket({
    name: 'bucket',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: 0,
    owner: '1234567890123456',
    configurations: {},
  });
  const publishing = new Map<string, PublishingChannel>();
  const channels = new ChannelService({
    metadata,
    clock,
    publishing: { channel: (source) => publishing.get(sourceId(source)) },
    leases,
    closeBroken: async () => rewritePlaylists,
    writes: new PendingWrites(clock, silentLog),
  });
  await channels.put('bucket', 'cam', CONFIG);
  return { clock, metadata, publishing, channels };
}

const PUBLISHING: PublishingChannel = {
  push: { id: 'push', source: { kind: 'channel', bucket: 'bucket', channel: 'cam' }, startedMs: 0, remoteAddr: '' },
  stat: () => ({}),
  cutSoon: () => {},
  keep: () => {},
};

describe('ChannelService', () => {
  it('admits one of many who publish at once', async () => {
    const { channels, publishing } = await setUp();
    const attach = async () => {
      publishing.set('bucket/cam', PUBLISHING);
      return 'admitted';
    };
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => channels.admit(PUSH, attach)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not delete a channel between the admission and the registration of its publisher', async () => {
    const { channels, publishing } = await setUp();
    const admitted = channels.admit(PUSH, async () => {
      await Promise.resolve();
      publishing.set('bucket/cam', PUBLISHING);
    });
    await expect(channels.delete('bucket', 'cam')).rejects.toMatchObject({ code: 'ChannelStillLive' });
    await admitted;
    await expect(channels.put('bucket', 'cam', CONFIG)).rejects.toMatchObject({ ec: '0044-00000201' });
  });

  it('waits for what another node changes now, and refuses while another node has a push', async () => {
    const leases = createInProcessLeases();
    const { channels } = await setUp(leases);
    const request = { source: 'bucket/cam', sessionId: 'of another node' };
    const { lease: change } = await leases.acquire(request);
    leases.outlive = async () => {
      await change?.release();
      return true;
    };
    await channels.put('bucket', 'cam', CONFIG);
    await leases.acquire({ ...request, push: { startedMs: 0, remoteAddr: '' } });
    await expect(channels.put('bucket', 'cam', CONFIG)).rejects.toMatchObject({ code: 'ChannelStillLive' });
  });

  it('admits a push after the node of the one before has died, without waiting for the playlist of that one', async () => {
    const leases = createInProcessLeases();
    const { acquire } = leases;
    leases.acquire = async (request) => {
      const { lease, holder } = await acquire(request);
      return lease ? { lease: { ...lease, isTakeover: request.push !== undefined } } : { holder };
    };
    const rewritten = new Error('written again');
    const { channels } = await setUp(leases, () => Promise.reject(rewritten));
    const { rewritePlaylists } = await channels.admit(PUSH, async (admission) => admission);
    await expect(rewritePlaylists?.()).rejects.toBe(rewritten);
  });

  it('closes the history of a push that failed to open', async () => {
    const { channels, metadata } = await setUp();
    const failure = new Error('no disk');
    await expect(channels.admit(PUSH, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await metadata.listOpenSessions()).toEqual([]);
  });

  it('ends a push after as much time as it lasted, wherever the clock was set to', async () => {
    for (const byMs of [-7_200_000, -1_000, 3_600_000]) {
      const { channels, clock } = await setUp();
      const startedMs = clock.now();
      await channels.admit(PUSH, async ({ end }) => {
        clock.advance(2_000);
        if (byMs < 0) clock.set(clock.now() + byMs);
        else clock.advance(byMs);
        clock.advance(500);
        await end();
      });
      const lengthMs = 2_500 + Math.max(0, byMs);
      expect(await channels.history('bucket', 'cam')).toMatchObject([{ startedMs, endedMs: startedMs + lengthMs }]);
    }
  });

  it('writes the end of a push as soon as the store can write, with the time at which it ended', async () => {
    const { channels, clock, metadata } = await setUp();
    const startedMs = clock.now();
    const { endSession } = metadata;
    metadata.endSession = () => Promise.reject(new Error('ENOSPC'));
    await channels.admit(PUSH, async ({ end }) => {
      clock.advance(1_000);
      await end();
    });
    expect(await channels.history('bucket', 'cam')).toEqual([]);
    metadata.endSession = endSession;
    clock.advance(RETRY_DELAY_MS);
    await turnOfTheLoop();
    expect(await channels.history('bucket', 'cam')).toMatchObject([{ startedMs, endedMs: startedMs + 1_000 }]);
  });

  it('tells why a push could not be opened, also when that it ended cannot be written', async () => {
    const { channels, metadata } = await setUp();
    const failure = new Error('no muxer');
    metadata.endSession = () => Promise.reject(new Error('ENOSPC'));
    await expect(channels.admit(PUSH, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('keeps the history over a new configuration, and not over delete and create', async () => {
    const { channels, clock } = await setUp();
    await channels.admit(PUSH, () => Promise.reject(new Error())).catch(() => {});
    clock.advance(1_000);
    await channels.put('bucket', 'cam', CONFIG);
    expect(await channels.history('bucket', 'cam')).toHaveLength(1);
    await channels.delete('bucket', 'cam');
    await channels.put('bucket', 'cam', CONFIG);
    expect(await channels.history('bucket', 'cam')).toEqual([]);
  });

  it('lists with an exclusive marker and says where to go on', async () => {
    const { channels } = await setUp();
    for (const name of ['cam-1', 'cam-2', 'cam-3']) await channels.put('bucket', name, CONFIG);
    const page = await channels.list('bucket', { prefix: 'cam', marker: 'cam', maxKeys: '2' });
    expect(page).toMatchObject({ truncated: true, nextMarker: 'cam-2', maxKeys: 2 });
    expect(page.channels.map(({ name }) => name)).toEqual(['cam-1', 'cam-2']);
    const rest = await channels.list('bucket', { marker: page.nextMarker });
    expect(rest).toMatchObject({ truncated: false, nextMarker: '', maxKeys: 100 });
  });

  it.each(['0', '-1', '1001', 'many'])('refuses max-keys %s', async (maxKeys) => {
    const { channels } = await setUp();
    await expect(channels.list('bucket', { maxKeys })).rejects.toMatchObject({ ec: '0044-00000101' });
  });
});
