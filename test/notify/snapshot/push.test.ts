/** From a push to the picture and the message about it. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { EmulatorEvent } from '../../../src/events/events.ts';
import { fakeFfmpeg } from '../../recording/segmenter/fake-ffmpeg.ts';
import { channelConfig, clip, startTestEmulator } from '../../support/emulator.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { describeWith, pushWithFfmpeg } from '../../support/tools.ts';
import { isSignedByCertificate } from '../mns/signed-push.ts';
import { subscribe } from '../mns/signed-request.ts';

async function start(options: Partial<Config> = {}, interval = 5) {
  const { emulator, client, endpoint } = await startTestEmulator({
    buckets: [
      { name: 'examplebucket', acl: 'private' },
      { name: 'pictures', acl: 'private' },
    ],
    ...options,
  });
  const snapshot = { RoleName: 'role', DestBucket: 'pictures', NotifyTopic: 'snapshots', Interval: interval };
  await client.putChannel('cam', { ...channelConfig(), Snapshot: snapshot } as Parameters<typeof client.putChannel>[1]);
  const happened: EmulatorEvent[] = [];
  emulator.events.subscribe((event) => happened.push(event));
  const push = async (name: string) => {
    const ended = emulator.events.waitFor('publish.ended');
    await pushWithFfmpeg(clip(name), client.getRtmpUrl('cam', { expires: 3600 })).done;
    await ended;
  };
  return { emulator, client, endpoint, happened, push };
}

function probeImage(bytes: Buffer): string {
  const args = ['-v', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', 'pipe:0'];
  return execFileSync('ffprobe', args, { input: bytes, encoding: 'utf8' }).trim();
}

describeWith(['ffmpeg', 'ffprobe'], 'a push to a channel with Snapshot', () => {
  it('stores a picture per interval in DestBucket and tells NotifyTopic', async () => {
    const { emulator, endpoint, happened, push } = await start();
    const subscriber = await receiveHttp();
    await subscribe(endpoint, 'snapshots', subscriber.url);
    await push('h264-aac.flv');
    await subscriber.request(3); // The clip has 12 s and a key frame every 2 s.
    await emulator.stop();
    const stored = happened.filter((event) => event.type === 'snapshot.stored');
    expect(stored).toHaveLength(3);
    expect(stored[0]).toMatchObject({ bucket: 'examplebucket', channel: 'cam', destBucket: 'pictures' });
    expect(stored.map(({ key }) => key.replace(/\d{13}/, 'ms'))).toEqual(Array(3).fill('examplebucket/cam/ms.jpg'));
  });

  it('stores JPEG pictures of the size of the video, announced with their key', async () => {
    const { client, endpoint, push } = await start();
    const subscriber = await receiveHttp();
    await subscribe(endpoint, 'snapshots', subscriber.url, 'SIMPLIFIED');
    await push('h264-aac.flv');
    const announced = await subscriber.request(1);
    expect(await isSignedByCertificate(announced)).toBe(true);
    const { events } = JSON.parse(Buffer.from(announced.body, 'base64').toString());
    const { bucket, object } = events[0].oss;
    expect(bucket.name).toBe('pictures');
    client.useBucket('pictures');
    const { content, res } = await client.get(object.key);
    expect(content).toHaveLength(object.size);
    expect(Object(res.headers)['content-type']).toBe('image/jpeg');
    expect(probeImage(content)).toBe('mjpeg,640,360');
  });

  it.each(['h264-aac-open-gop.flv', 'h264-aac-b-frames-slices.flv', 'h264-aac-320x180-inband-parameter-sets.flv'])(
    'makes pictures of %s',
    async (name) => {
      const { emulator, happened, push } = await start({}, 2);
      await push(name);
      await emulator.stop();
      const failed = happened.filter((event) => event.type === 'snapshot.failed');
      expect(failed).toEqual([]);
      expect(happened.filter((event) => event.type === 'snapshot.stored').length).toBeGreaterThan(1);
    },
  );

  it('goes on without pictures when there is no ffmpeg, and says so once', async () => {
    const { emulator, happened, push } = await start({ ffmpeg: '/nowhere/ffmpeg' }, 2);
    await push('h264-aac.flv');
    await emulator.stop();
    const failed = happened.filter((event) => event.type === 'snapshot.failed');
    expect(failed).toEqual([expect.objectContaining({ reason: expect.stringContaining('/nowhere/ffmpeg') })]);
    expect(happened.filter((event) => event.type === 'fragment.stored')).toHaveLength(6);
  });

  it('goes on when ffmpeg fails, with its words', async () => {
    const { path: ffmpeg } = fakeFfmpeg(
      '[ "$1" = -version ] && echo "ffmpeg version 0" && exit; echo "out of film" >&2; exit 1',
    );
    const { emulator, happened, push } = await start({ ffmpeg });
    await push('h264-aac.flv');
    await emulator.stop();
    const failed = happened.filter((event) => event.type === 'snapshot.failed');
    expect(failed).toHaveLength(3);
    expect(failed[0]).toMatchObject({ reason: 'ffmpeg made no picture: out of film' });
  });
});
