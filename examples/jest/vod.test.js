import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';

let emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

test('a day of recordings is there at once', async () => {
  const endTime = Math.floor(emulator.clock.now() / 1000);
  await emulator.seed({
    buckets: [{ name: emulator.bucket, channels: [{ name: 'door', recordings: [{ from: '-24h', to: 'now' }] }] }],
  });
  const client = new OSS(emulator.aliOssOptions);
  await client.createVod('door', 'hour.m3u8', { startTime: endTime - 3600, endTime });
  const playlist = await client.get('door/hour.m3u8');
  expect(playlist.content.toString().match(/#EXTINF:6\.000/g)).toHaveLength(600);
});
