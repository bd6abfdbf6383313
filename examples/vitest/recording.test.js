import OSS from 'ali-oss';
import { RtmpPublisher, startEmulator } from 'oss-livechannel-emulator';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

let emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

test('what is pushed can be watched', async () => {
  const client = new OSS(emulator.aliOssOptions);
  await client.putChannel('cam', {
    Description: 'door',
    Status: 'enabled',
    Target: { Type: 'HLS', FragDuration: 2, FragCount: 3, PlaylistName: 'playlist.m3u8' },
  });
  const push = await emulator.publish({ channel: 'cam', durationSec: 10, speed: 'max' });
  await push.done;
  const playlist = await fetch(await emulator.playUrl('cam'));
  expect((await playlist.text()).match(/#EXTINF/g)).toHaveLength(3);
});

test('a signed URL expires, without waiting for it', async () => {
  const url = await emulator.rtmpUrl('test-channel');
  await emulator.clock.advance(25 * 3_600_000);
  await expect(RtmpPublisher.publish(url)).rejects.toThrow('Request has expired');
});
