import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Events } from '../../../src/events/events.ts';
import { closeBrokenSessions } from '../../../src/recording/fragments/recovery.ts';
import type { PlaylistPutOptions } from '../../../src/recording/playlist/playlist-store.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { StoreUnavailable } from '../../../src/storage/objects/object-store.ts';
import { bucket, channel, fragment, NOON_MS, session } from '../../contract/metadata-records.ts';

const LATER_MS = NOON_MS + 3_600_000;

/** A store in which the push `a-push` to `examplebucket/door` has begun at noon, and has not ended. */
async function openBroken(incarnation = 'first', isShared = false) {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  await metadata.putBucket(bucket());
  await metadata.putChannel(channel('door', { incarnation }));
  await metadata.openSession(session('a-push'));
  const clock = new ManualClock(LATER_MS);
  const written: string[] = [];
  const away = { isAway: false };
  const playlists = {
    put: async (bucketName: string, key: string, _text: string, { retryMs }: PlaylistPutOptions = {}) => {
      if (away.isAway) throw new StoreUnavailable(`no answer for ${retryMs} ms`, { what: 'it is away' });
      written.push(`${bucketName}/${key}`);
      return { etag: '' };
    },
  };
  const recover = () =>
    closeBrokenSessions({
      clock,
      events: new Events(clock),
      log: silentLog,
      metadata,
      leases: { ...createInProcessLeases(), isShared },
      playlists,
      extensions: ['discontinuity-sequence'],
    });
  const ended = async () => (await metadata.listSessions('examplebucket', 'door', 'first', 10)).map((s) => s.endedMs);
  return { metadata, clock, written, away, recover, ended };
}

describe('after a crash', () => {
  it('the history of a push ends where its last fragment ends, and its playlist is written again', async () => {
    const { metadata, recover, ended, written } = await openBroken();
    for (const index of [0, 1, 2]) await metadata.putFragment(...fragment(index));
    await metadata.putFragment(...fragment(9, { sessionId: 'another-push', sequence: 3 }));
    await recover();
    expect(await ended()).toEqual([NOON_MS + 3_000]);
    expect(await metadata.listOpenSessions()).toEqual([]);
    expect(written).toEqual(['examplebucket/door/playlist.m3u8']);
  });

  it('while the store is away a sweep leaves the push to the next one, and a node that is alone does not start', async () => {
    for (const isShared of [true, false]) {
      const { metadata, away, recover, ended, written } = await openBroken('first', isShared);
      await metadata.putFragment(...fragment(0));
      away.isAway = true;
      if (isShared) await recover();
      else await expect(recover()).rejects.toThrow('no answer for 60000 ms');
      expect([await ended(), written]).toEqual([[], []]);
      away.isAway = false;
      await recover();
      expect([await ended(), written]).toEqual([[NOON_MS + 1_000], ['examplebucket/door/playlist.m3u8']]);
    }
  });

  it('the history of a push without a fragment ends where it began', async () => {
    const { recover, ended, written } = await openBroken();
    await recover();
    expect(await ended()).toEqual([NOON_MS]);
    expect(written).toEqual([]);
  });

  it('the history of a push during which the clock was set back is as long as what it recorded', async () => {
    const { metadata, clock, recover, ended } = await openBroken();
    await metadata.putFragment(...fragment(2, { durationMs: 2_000 }));
    await metadata.putFragment(...fragment(-3_600, { sequence: 3, durationMs: 3_000 }));
    await metadata.putFragment(...fragment(-3_597, { sequence: 4 }));
    clock.set(NOON_MS - 1_800_000);
    await recover();
    expect(await ended()).toEqual([NOON_MS + 2_000 + 2_000 + 3_000 + 1_000]);
  });

  it('the history of a push before which the clock was set back does not end before it begins', async () => {
    const { metadata, clock, recover, ended } = await openBroken();
    await metadata.putFragment(...fragment(-7_200));
    clock.set(NOON_MS - 3_600_000);
    await recover();
    expect(await ended()).toEqual([NOON_MS + 1_000]);
  });

  it('no history ends in the future', async () => {
    const { metadata, clock, recover, ended } = await openBroken();
    await metadata.putFragment(...fragment(0, { durationMs: 2 * 3_600_000 }));
    await recover();
    expect(await ended()).toEqual([clock.now()]);
  });

  it('the playlist of a channel that was deleted and made anew is left alone', async () => {
    const { metadata, recover, ended, written } = await openBroken('second');
    await metadata.putFragment(...fragment(0));
    await metadata.putFragment(
      ...fragment(9, { sessionId: 'b-push', playlistId: 'second/playlist.m3u8', sequence: 0 }),
    );
    await recover();
    expect(await ended()).toEqual([NOON_MS + 1_000]);
    expect(written).toEqual([]);
  });
});
