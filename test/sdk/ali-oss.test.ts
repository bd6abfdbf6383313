import type OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { channelConfig, startTestEmulator } from '../support/emulator.ts';
import { createAliOss, startAliOss } from './ali-oss-client.ts';
import { describeLives } from './lives.ts';
import { ALI_OSS, type Auth, BUCKET, ownTestsTitle } from './matrix.ts';

describeLives(ALI_OSS, [], startAliOss);

/** A client with its own new bucket, as the test file of the library makes one. */
async function start(auth: Auth): Promise<OSS> {
  const { endpoint } = await startTestEmulator({ buckets: [] });
  const client = createAliOss({ endpoint, auth, style: 'default' });
  await client.putBucket(BUCKET);
  return client;
}

const CONFIGURATION = {
  Description: 'this is channel 1',
  Status: 'enabled',
  Target: { Type: 'HLS', FragDuration: '10', FragCount: '5', PlaylistName: 'playlist.m3u8' },
};

describe(ownTestsTitle(ALI_OSS, 'test/node/rtmp.test.js'), () => {
  describe.each(ALI_OSS.auths)('%s', (auth) => {
    it('put, get and delete a channel: what comes back deep-equals what was sent', async () => {
      const client = await start(auth);
      const { publishUrls, playUrls, res } = await client.putChannel('channel-1', Object(CONFIGURATION));
      expect(res.status).toBe(200);
      expect(publishUrls.length).toBeGreaterThan(0);
      expect(playUrls.length).toBeGreaterThan(0);
      expect((await client.getChannel('channel-1')).data).toEqual(CONFIGURATION);
      expect(Object(await client.deleteChannel('channel-1')).res.status).toBe(204);
      await expect(client.getChannel('channel-1')).rejects.toMatchObject({ status: 404, code: 'NoSuchLiveChannel' });
    });

    it('get and put the status of a channel with spaces in its name', async () => {
      const client = await start(auth);
      const status = async () => Object(await client.getChannelStatus('live channel 2')).data.Status;
      await client.putChannel('live channel 2', channelConfig());
      expect(await status()).toBe('Idle');
      expect(Object(await client.putChannelStatus('live channel 2', 'disabled')).res.status).toBe(200);
      expect(await status()).toBe('Disabled');
    });

    it('list with prefix, marker and max-keys, after ten concurrent puts', async () => {
      const client = await start(auth);
      const names = Array.from({ length: 10 }, (_, at) => `channel-list-${at}`);
      await Promise.all(
        names.map((name, at) => client.putChannel(name, Object({ ...CONFIGURATION, Description: at }))),
      );
      const query: object = { prefix: 'channel-list-', marker: 'channel-list-4', 'max-keys': 3 };
      const page = await client.listChannels(query as OSS.ListChannelsQuery);
      expect(page.channels.map(({ Name }) => Name)).toEqual(names.slice(5, 8));
      expect(page).toMatchObject({ nextMarker: 'channel-list-7', isTruncated: true });
      const deleted = await Promise.all(names.map((name) => client.deleteChannel(name)));
      expect(deleted.map((answer) => Object(answer).res.status)).toEqual(names.map(() => 204));
    });

    it('history of a new channel: an empty array', async () => {
      const client = await start(auth);
      await client.putChannel('channel-3', channelConfig());
      expect((await client.getChannelHistory('channel-3')).records).toEqual([]);
    });

    it('create a VOD playlist of a deleted channel, from and to the same second: no playlist in the time span', async () => {
      const client = await start(auth);
      await client.putChannel('channel-1', channelConfig());
      await client.deleteChannel('channel-1');
      const nowSec = Math.floor(Date.now() / 1000);
      await expect(
        client.createVod('channel-1', 're-play.m3u8', { startTime: nowSec, endTime: nowSec }),
      ).rejects.toMatchObject({ status: 400, code: 'InvalidArgument', ecCode: '0044-00000308' });
    });

    it('get an RTMP URL: it has the channel and the playlist', async () => {
      const client = await start(auth);
      const url = client.getRtmpUrl('channel-1', { params: { playlistName: 'vod.m3u8' }, expires: 3600 });
      expect(url).toContain('/live/channel-1?');
      expect(url).toContain('playlistName=vod.m3u8');
    });

    it('clean the bucket up: versions, objects, uploads, and the bucket itself', async () => {
      const client = await start(auth);
      await client.put('left over', Buffer.from('text'));
      const versions = await Object(client).getBucketVersions({ 'max-keys': 1000 });
      expect(versions.objects).toEqual([expect.objectContaining({ name: 'left over', versionId: 'null' })]);
      const { objects } = await client.list({ 'max-keys': 1000 }, {});
      for (const { name } of objects) expect((await client.delete(name)).res.status).toBe(204);
      expect(Object(await client.listUploads({ 'max-uploads': 1000 }, {})).uploads).toEqual([]);
      expect(Object(await client.deleteBucket(BUCKET)).res.status).toBe(204);
    });
  });
});
