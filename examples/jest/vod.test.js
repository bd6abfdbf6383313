import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';

let emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

test('a day of recordings is there at once', async () => {
  await emulator.seed({
    buckets: [
      {
        name: emulator.bucket,
        channels: [{ name: 'door', recordings: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }] }],
      },
    ],
  });
  const client = new OSS(emulator.aliOssOptions);
  // Both ends are inclusive and mean the start of a fragment; the seconds of a range that moves with the time of day would
  // fall before or behind one.
  const startTime = Date.parse('2026-01-01T08:00:00Z') / 1000;
  await client.createVod('door', 'hour.m3u8', { startTime, endTime: startTime + 3599 });
  const playlist = await client.get('door/hour.m3u8');
  expect(playlist.content.toString().match(/#EXTINF:6\.000/g)).toHaveLength(600);
});
