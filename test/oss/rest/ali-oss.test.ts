/** The Node SDK as it is, on the addresses it can use without name resolution. */
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { startRestServer } from './rest-server.ts';

async function startWithClient(authorizationV4: boolean, sldEnable: boolean) {
  const server = await startRestServer({ clock: systemClock });
  const options = {
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    bucket: 'examplebucket',
    region: 'oss-cn-hangzhou',
    endpoint: sldEnable ? `http://localhost:${server.port}` : `http://127.0.0.1:${server.port}`,
    authorizationV4,
    sldEnable,
  };
  return { ...server, client: new OSS(options as OSS.Options) };
}

describe.each([
  ['V1 on an IP endpoint', false, false],
  ['V4 on an IP endpoint', true, false],
  ['V1 path style', false, true],
  ['V4 path style', true, true],
])('ali-oss with %s', (_name, authorizationV4, sldEnable) => {
  it('manages a channel', async () => {
    const { client, channels, port } = await startWithClient(authorizationV4, sldEnable);
    const conf = { Description: 'door', Status: 'enabled', Target: { Type: 'HLS', PlaylistName: 'door.m3u8' } };
    const { publishUrls, playUrls } = await client.putChannel('live channel', conf as OSS.PutChannelConf);
    const host = sldEnable ? 'localhost' : '127.0.0.1';
    expect(publishUrls).toEqual([`rtmp://${host}:${port}/examplebucket/live/live%20channel`]);
    expect(playUrls).toEqual([`http://${host}:${port}/examplebucket/live%20channel/door.m3u8`]);
    await client.createVod('live channel', 'day.m3u8', { startTime: 1, endTime: 2 });
    await client.putChannelStatus('live channel', 'disabled');
    await client.deleteChannel('live channel');
    expect(channels.calls.map(([method]) => method)).toEqual(['put', 'putStatus', 'delete']);
    // The published types misspell max-keys.
    const query: object = { prefix: 'c', marker: '', 'max-keys': 3 };
    const { channels: listed } = await client.listChannels(query as OSS.ListChannelsQuery);
    expect(listed).toHaveLength(2);
    await expect(client.getChannel('missing')).rejects.toMatchObject({ code: 'NoSuchLiveChannel', status: 404 });
  });

  it('keeps objects', async () => {
    const { client } = await startWithClient(authorizationV4, sldEnable);
    await client.putBucket('newbucket');
    client.useBucket('newbucket');
    await client.put('a/b c.txt', Buffer.from('hello'), { meta: { uid: 1, pid: 2 } });
    expect((await client.get('a/b c.txt')).content.toString()).toBe('hello');
    expect((await client.head('a/b c.txt')).meta).toEqual({ uid: '1', pid: '2' });
    await client.copy('copy.txt', 'a/b c.txt');
    expect((await client.list({ 'max-keys': '10' }, {})).objects.map(({ name }) => name)).toEqual([
      'a/b c.txt',
      'copy.txt',
    ]);
    await client.deleteMulti(['a/b c.txt', 'copy.txt']);
    await expect(client.get('copy.txt')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await client.deleteBucket('newbucket');
    expect(await client.listBuckets({}, {})).toMatchObject({ buckets: [{ name: 'examplebucket' }] });
  });

  it('uploads in parts', async () => {
    const { client } = await startWithClient(authorizationV4, sldEnable);
    const bytes = Buffer.alloc(250 * 1024, 'x');
    await client.multipartUpload('big', bytes, { partSize: 100 * 1024, parallel: 3 });
    expect((await client.get('big')).content.equals(bytes)).toBe(true);
  });
});
