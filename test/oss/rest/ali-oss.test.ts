/** The Node SDK as it is, on the addresses it can use without name resolution. */
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { KEY, startRestServer } from './rest-server.ts';

const { accessKeyId, accessKeySecret } = KEY;

const CALLERS = [
  { name: 'auth strict', authMode: 'strict', accessKeyId, accessKeySecret },
  { name: 'auth off', authMode: 'off', accessKeyId, accessKeySecret },
  { name: 'auth off and an unknown key', authMode: 'off', accessKeyId: 'nobody', accessKeySecret },
  { name: 'auth loose and a wrong secret', authMode: 'loose', accessKeyId, accessKeySecret: 'wrong' },
] as const;

/** On an IP endpoint the path names the bucket as in path style, and the Host header names it too. */
const ADDRESSES = [
  { name: 'an IP endpoint', host: '127.0.0.1', sldEnable: false },
  { name: 'path style on an IP endpoint', host: '127.0.0.1', sldEnable: true },
  { name: 'path style', host: 'localhost', sldEnable: true },
] as const;

const CASES = ADDRESSES.flatMap((address) =>
  CALLERS.flatMap((caller) => ['V1', 'V4'].map((version) => ({ version, address, caller }))),
);

describe.each(CASES)('ali-oss with $version, $address.name, $caller.name', ({ version, address, caller }) => {
  async function startWithClient() {
    const server = await startRestServer({ clock: systemClock, authMode: caller.authMode });
    const options = {
      accessKeyId: caller.accessKeyId,
      accessKeySecret: caller.accessKeySecret,
      bucket: 'examplebucket',
      region: 'oss-cn-hangzhou',
      endpoint: `http://${address.host}:${server.port}`,
      authorizationV4: version === 'V4',
      sldEnable: address.sldEnable,
    };
    return { ...server, client: new OSS(options as OSS.Options) };
  }

  it('manages a channel', async () => {
    const { client, channels, port } = await startWithClient();
    const conf = { Description: 'door', Status: 'enabled', Target: { Type: 'HLS', PlaylistName: 'door.m3u8' } };
    const { publishUrls, playUrls } = await client.putChannel('live channel', conf as OSS.PutChannelConf);
    expect(publishUrls).toEqual([`rtmp://${address.host}:${port}/examplebucket/live/live%20channel`]);
    expect(playUrls).toEqual([`http://${address.host}:${port}/examplebucket/live%20channel/door.m3u8`]);
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
    const { client } = await startWithClient();
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
    const { client } = await startWithClient();
    const bytes = Buffer.alloc(250 * 1024, 'x');
    await client.multipartUpload('big', bytes, { partSize: 100 * 1024, parallel: 3 });
    expect((await client.get('big')).content.equals(bytes)).toBe(true);
  });
});
