/**
 * Assertions of the LiveChannel tests of SDKs that are not run here - PHP, C, C++ and C# - where they check more than
 * the others. They are made with ali-oss; test/oss/rest/recorded-requests.test.ts has the requests of these SDKs that
 * were recorded.
 */
import type OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { channelConfig, clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const NO_TS_FILE = { status: 400, code: 'InvalidArgument', message: 'No ts file found in specified time span.' };
const NO_CHANNEL = { status: 404, code: 'NoSuchLiveChannel' };

async function start(): Promise<OSS> {
  return (await startTestEmulator({ channels: [] })).client;
}

async function listNames(client: OSS, query: object): Promise<readonly string[]> {
  return (await client.listChannels(query as OSS.ListChannelsQuery)).channels.map(({ Name }) => Name);
}

async function statusOf(client: OSS, channel: string): Promise<string> {
  return Object(await client.getChannelStatus(channel)).data.Status;
}

function lastHour(): { startTime: number; endTime: number } {
  const nowSec = Math.floor(Date.now() / 1000);
  return { startTime: nowSec - 3600, endTime: nowSec };
}

describe('the LiveChannel tests of aliyun-oss-php-sdk', () => {
  it('ignores the misspelt PlayListName that it sends', async () => {
    const client = await start();
    await client.putChannel('php', Object({ Target: { Type: 'HLS', PlayListName: 'hello.m3u8' } }));
    expect((await client.getChannel('php')).data.Target?.PlaylistName).toBe('playlist.m3u8');
  });

  it('lists behind a marker', async () => {
    const client = await start();
    for (const name of ['live-a', 'live-b', 'live-c']) await client.putChannel(name, channelConfig());
    expect(await listNames(client, { prefix: 'live-', marker: 'live-a', 'max-keys': 10 })).toEqual([
      'live-b',
      'live-c',
    ]);
  });

  it('has the stat Idle, then Disabled', async () => {
    const client = await start();
    await client.putChannel('php', channelConfig());
    expect(await statusOf(client, 'php')).toBe('Idle');
    await client.putChannelStatus('php', 'disabled');
    expect(await statusOf(client, 'php')).toBe('Disabled');
  });
});

describe('the LiveChannel tests of aliyun-oss-c-sdk', () => {
  it('is told 404 for every operation on a missing bucket', async () => {
    const client = await start();
    client.useBucket('no-such-bucket');
    const missing = { status: 404, code: 'NoSuchBucket' };
    await expect(client.putChannel('c', channelConfig())).rejects.toMatchObject(missing);
    await expect(client.getChannel('c')).rejects.toMatchObject(missing);
    await expect(client.getChannelStatus('c')).rejects.toMatchObject(missing);
    await expect(client.getChannelHistory('c')).rejects.toMatchObject(missing);
    await expect(client.putChannelStatus('c', 'enabled')).rejects.toMatchObject(missing);
    await expect(listNames(client, {})).rejects.toMatchObject(missing);
    await expect(client.createVod('c', 'vod.m3u8', lastHour())).rejects.toMatchObject(missing);
    await expect(client.deleteChannel('c')).rejects.toMatchObject(missing);
  });

  it('is told NoSuchLiveChannel for a deleted channel', async () => {
    const client = await start();
    await client.putChannel('c', channelConfig());
    await client.deleteChannel('c');
    await expect(client.getChannel('c')).rejects.toMatchObject(NO_CHANNEL);
    await expect(client.getChannelStatus('c')).rejects.toMatchObject(NO_CHANNEL);
    await expect(client.getChannelHistory('c')).rejects.toMatchObject(NO_CHANNEL);
  });

  it('lists in order, by prefix and marker, with a LastModified of this century', async () => {
    const client = await start();
    for (const name of ['b-2', 'a-1', 'b-1']) await client.putChannel(name, channelConfig());
    expect(await listNames(client, {})).toEqual(['a-1', 'b-1', 'b-2']);
    expect(await listNames(client, { prefix: 'b-', marker: 'b-1' })).toEqual(['b-2']);
    const { channels } = await client.listChannels(Object({ prefix: 'a-' }));
    expect(channels[0]?.LastModified).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  it('is told 400 for a VOD playlist without ts files', async () => {
    const client = await start();
    await client.putChannel('c', channelConfig());
    await expect(client.createVod('c', 'vod.m3u8', lastHour())).rejects.toMatchObject(NO_TS_FILE);
  });
});

describeWith(['ffmpeg'], 'the LiveChannel tests of aliyun-oss-c-sdk, after a push', () => {
  it('ends the times of every record with .000Z', async () => {
    const { emulator, client } = await startTestEmulator();
    await client.putChannel('c', channelConfig());
    const ended = emulator.events.waitFor('publish.ended');
    await pushWithFfmpeg(clip('aac-only.flv'), client.getRtmpUrl('c', { expires: 60 })).done;
    await ended;
    const { records } = Object(await client.getChannelHistory('c'));
    expect(records).toHaveLength(1);
    expect(records[0].StartTime).toMatch(/\.000Z$/);
    expect(records[0].EndTime).toMatch(/\.000Z$/);
  });
});

describe('the LiveChannel tests of aliyun-oss-cpp-sdk', () => {
  it('deletes a channel that does not exist', async () => {
    const client = await start();
    expect(Object(await client.deleteChannel('not-exist')).res.status).toBe(204);
  });

  it('is refused a name with a slash', async () => {
    const client = await start();
    const refused = { status: 400, code: 'InvalidChannelName', ecCode: '0017-00000260' };
    await expect(client.putChannel('a/b', channelConfig())).rejects.toMatchObject(refused);
    await expect(client.deleteChannel('a/b')).rejects.toMatchObject(refused);
  });

  it('is refused the status of a missing channel', async () => {
    const client = await start();
    await expect(client.putChannelStatus('not-exist', 'enabled')).rejects.toMatchObject(NO_CHANNEL);
    await expect(client.getChannelStatus('not-exist')).rejects.toMatchObject(NO_CHANNEL);
  });

  it('is refused a VOD playlist of a missing and of a fresh channel', async () => {
    const client = await start();
    await expect(client.createVod('not-exist', 'vod.m3u8', lastHour())).rejects.toMatchObject(NO_TS_FILE);
    await client.putChannel('fresh', channelConfig());
    await expect(client.createVod('fresh', 'vod.m3u8', lastHour())).rejects.toMatchObject(NO_TS_FILE);
  });

  it('names channels in UTF-8', async () => {
    const client = await start();
    await client.putChannel('直播-频道', channelConfig());
    expect(await listNames(client, { prefix: '直播' })).toEqual(['直播-频道']);
    expect(await statusOf(client, '直播-频道')).toBe('Idle');
  });

  it('lists behind the marker /', async () => {
    const client = await start();
    for (const name of ['-before', 'after']) await client.putChannel(name, channelConfig());
    expect(await listNames(client, { marker: '/' })).toEqual(['after']);
  });

  it('creates a channel again, with other settings', async () => {
    const client = await start();
    await client.putChannel('again', channelConfig());
    await client.putChannel('again', channelConfig({ FragDuration: 9, PlaylistName: 'other.m3u8' }));
    expect((await client.getChannel('again')).data.Target).toEqual({
      Type: 'HLS',
      FragDuration: '9',
      FragCount: '3',
      PlaylistName: 'other.m3u8',
    });
  });
});

describe('the LiveChannel tests of aliyun-oss-csharp-sdk', () => {
  it('gets empty elements for Prefix, Marker and NextMarker', async () => {
    const client = await start();
    const url = client.signatureUrl('', { subResource: { live: '' } } as OSS.SignatureUrlOptions);
    const text = await (await fetch(url)).text();
    for (const name of ['Prefix', 'Marker', 'NextMarker']) {
      expect(text).toMatch(new RegExp(`<${name}></${name}>|<${name} ?/>`));
    }
  });

  it('is told that there is no ts file, and the stat Disabled', async () => {
    const client = await start();
    await client.putChannel('cs', { ...channelConfig(), Status: 'disabled' });
    expect(await statusOf(client, 'cs')).toBe('Disabled');
    await expect(client.createVod('cs', 'vod.m3u8', lastHour())).rejects.toMatchObject(NO_TS_FILE);
  });
});
