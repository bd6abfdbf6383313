import { describe, expect, it, onTestFinished } from 'vitest';
import { VodService } from '../../../src/oss/channel/vod.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { bucket, channel, fragment, NOON_MS } from '../../contract/metadata-records.ts';

const NOON_SEC = NOON_MS / 1000;
const DAY_SEC = 86_400;

/** The service with two fragments of one second: one begins at noon, the other a second later. */
async function openVod() {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  await metadata.putBucket(bucket());
  await metadata.putChannel(channel('door'));
  for (const index of [0, 1]) await metadata.putFragment(...fragment(index));
  const vod = new VodService(metadata, { put: async () => ({ etag: '' }) });
  const list = async (startSec: number, endSec: number) => {
    const query = { startTime: String(startSec), endTime: String(endSec) };
    const { pieces } = await vod.get('examplebucket', 'door', query);
    return Buffer.concat(pieces)
      .toString()
      .split('\n')
      .filter((line) => line.endsWith('.ts'));
  };
  return { list, vod, metadata };
}

describe('the range of a VOD playlist', () => {
  it('may start and end at the same time: then it is that second', async () => {
    const { list, metadata } = await openVod();
    expect(await list(NOON_SEC, NOON_SEC)).toEqual([`${NOON_MS}.ts`]);
    const startMs = NOON_MS + 2_999;
    await metadata.putFragment(...fragment(2, { startMs }));
    expect(await list(NOON_SEC + 2, NOON_SEC + 2)).toEqual([`${startMs}.ts`]);
    await expect(list(NOON_SEC - 1, NOON_SEC - 1)).rejects.toMatchObject({ ec: '0044-00000308' });
  });

  it('may not end before it starts', async () => {
    const { list } = await openVod();
    await expect(list(NOON_SEC, NOON_SEC - 1)).rejects.toMatchObject({
      message: 'endTime must not be earlier than startTime.',
      ec: '0044-00000306',
    });
  });

  it('includes both ends', async () => {
    const { list } = await openVod();
    expect(await list(NOON_SEC, NOON_SEC + 1)).toEqual([`${NOON_MS}.ts`, `${NOON_MS + 1000}.ts`]);
  });

  it('is a day at most', async () => {
    const { list } = await openVod();
    expect(await list(NOON_SEC, NOON_SEC + DAY_SEC)).toHaveLength(2);
    await expect(list(NOON_SEC, NOON_SEC + DAY_SEC + 1)).rejects.toMatchObject({ ec: '0044-00000307' });
  });

  it('is not looked for in what a deleted channel left', async () => {
    const { list, vod, metadata } = await openVod();
    await metadata.deleteChannel('examplebucket', 'door');
    await expect(list(NOON_SEC, NOON_SEC)).rejects.toMatchObject({ code: 'NoSuchLiveChannel', status: 404 });
    const range = { startTime: String(NOON_SEC), endTime: String(NOON_SEC) };
    const posted = vod.post('examplebucket', 'door', 'vod.m3u8', range);
    await expect(posted).rejects.toMatchObject({ code: 'NoSuchLiveChannel', status: 404 });
    await expect(list(NOON_SEC - 1, NOON_SEC - 1)).rejects.toMatchObject({ ec: '0044-00000308' });
  });
});
