import RPCClient from '@alicloud/pop-core';
import { expect, it } from 'vitest';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { decodeErrors, describeWith, pushWithFfmpeg } from '../support/tools.ts';

const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };
const FORMAT = {
  Format: 'm3u8',
  SliceDuration: 5,
  OssObjectPrefix: 'file/{AppName}/{StreamName}/{StartTime}_{EndTime}',
  SliceOssObjectPrefix: 'slices/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
};

const BUCKETS = [
  { name: 'examplebucket', acl: 'public-read' },
  { name: 'manifests', acl: 'public-read' },
] as const;

async function start(options: Parameters<typeof startTestEmulator>[0] = {}) {
  const { emulator, port, endpoint } = await startTestEmulator({ buckets: BUCKETS, ...options });
  const client = new RPCClient({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    endpoint,
    apiVersion: '2016-11-01',
  });
  const call = async (action: string, parameters: object) => Object(await client.request(action, parameters, {}));
  const createIndex = async (parameters: object) => {
    const place = { OssEndpoint: `127.0.0.1:${port}`, OssBucket: 'examplebucket', OssObject: 'index/{AppName}.m3u8' };
    const { RecordInfo } = await call('CreateLiveStreamRecordIndexFiles', { ...STREAM, ...place, ...parameters });
    return RecordInfo;
  };
  return { emulator, port, call, createIndex, rtmp: `rtmp://127.0.0.1:${port}` };
}

function time(offsetMs: number): string {
  return `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;
}

/** Seconds and URIs of a manifest. */
async function readManifest(url: string) {
  const text = await (await fetch(url)).text();
  const seconds = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1]));
  const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { totalSec: seconds.reduce((sum, sec) => sum + sec, 0), uris };
}

describeWith(['ffmpeg'], 'a stream pushed with ffmpeg', () => {
  it('is recorded, clipped while it is live, and played', async () => {
    const { emulator, call, createIndex, rtmp } = await start();
    const { OssBucket, OssEndpoint } = { OssBucket: 'examplebucket', OssEndpoint: '127.0.0.1' };
    const config = { DomainName: 'example.com', AppName: '*', OssBucket, OssEndpoint, RecordFormat: [FORMAT] };
    await call('AddLiveAppRecordConfig', config);
    const firstSlice = emulator.events.waitFor('live.slice-stored');
    const ended = emulator.events.waitFor('live.ended');
    const push = pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/app/s1`, ['-re']);
    await firstSlice;

    const online = await call('DescribeLiveStreamsOnlineList', { DomainName: 'example.com' });
    expect(online.OnlineInfo.LiveStreamOnlineInfo).toMatchObject([
      { ...STREAM, Width: 640, Height: 360, FrameRate: 25, VideoCodecId: 7, AudioCodecId: 10 },
    ]);
    const live = await createIndex({ StartTime: time(-60_000), EndTime: time(5_000) });
    expect(live).toMatchObject({ Duration: 6, Width: 640, Height: 360 });
    expect(await decodeErrors(live.RecordUrl)).toBe('');

    expect(await push.done).toEqual({ code: 0, stderr: '' });
    await ended;
    const whole = { StartTime: time(-60_000), EndTime: time(5_000) };
    const index = await createIndex({ ...whole, OssBucket: 'manifests' });
    const manifest = await readManifest(index.RecordUrl);
    expect(index.Duration).toBeCloseTo(manifest.totalSec, 3);
    expect(manifest.uris).toHaveLength(2);
    for (const uri of manifest.uris)
      expect(uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/examplebucket\/slices\/app\/s1\//);
    expect(await decodeErrors(index.RecordUrl, '-protocol_whitelist', 'http,tcp')).toBe('');
  });

  it('is recorded without a configuration where a bucket was named for that', async () => {
    const { emulator, createIndex, rtmp } = await start({ liveRecordBucket: 'recordings' });
    const ended = emulator.events.waitFor('live.ended');
    await pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/app/s1?vhost=play.test`).done;
    await ended;
    const range = { StartTime: time(-60_000), EndTime: time(5_000), DomainName: 'play.test' };
    const { RecordUrl } = await createIndex({ ...range, OssBucket: 'recordings' });
    expect(await decodeErrors(RecordUrl)).toBe('');
  });

  it('needs the auth_key of its domain, if that has one', async () => {
    const key = 'MainKey123456789';
    const { emulator, rtmp } = await start({ liveAuthKeys: [{ domain: '*', key }] });
    const refused = emulator.events.waitFor('publish.refused');
    const push = await pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/app/s1`).done;
    expect(push.code).not.toBe(0);
    expect(await refused).toMatchObject({ code: 'NetStream.Publish.Unauthorized' });
    const authKey = signAuthKey('/app/s1', Math.floor(Date.now() / 1000) + 60, '0', '0', key);
    const url = `${rtmp}/app/s1?auth_key=${authKey}`;
    expect(await pushWithFfmpeg(clip('h264-aac.flv'), url).done).toEqual({ code: 0, stderr: '' });
  });

  it('is cut when it is forbidden, and refused after that', async () => {
    const { emulator, call, rtmp } = await start();
    const published = emulator.events.waitFor('live.published');
    const ended = emulator.events.waitFor('live.ended');
    const push = pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/app/s1`, ['-re']);
    await published;
    await call('ForbidLiveStream', { ...STREAM, LiveStreamType: 'publisher' });
    expect(await ended).toMatchObject({ cause: 'closed-by-server' });
    await push.done;
    const refused = emulator.events.waitFor('publish.refused');
    await pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/app/s1`).done;
    expect(await refused).toMatchObject({ code: 'NetStream.Publish.Denied' });
  });

  it('does not disturb a channel of OSS, whose misspelt names stay errors', async () => {
    const { emulator, rtmp } = await start();
    const refused = emulator.events.waitFor('publish.refused');
    await pushWithFfmpeg(clip('h264-aac.flv'), `${rtmp}/live/nobodys`).done;
    expect((await refused).description).toMatch(/NoSuchLiveChannel.*vhost/);
  });
});
