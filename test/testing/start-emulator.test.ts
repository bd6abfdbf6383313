import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { ManualClock, startEmulator, UsageError } from '../../src/index.ts';
import { channelConfig } from '../support/emulator.ts';

describe('startEmulator', () => {
  it('gives what a client and a child process need', async () => {
    await using emulator = await startEmulator({ buckets: ['media', 'public:public-read'] });
    const client = new OSS(emulator.aliOssOptions);
    await client.putChannel('cam', channelConfig());
    expect((await emulator.channels()).map(({ bucket, name }) => `${bucket}/${name}`)).toEqual([
      'media/cam',
      'media/test-channel',
    ]);
    expect(emulator.env).toMatchObject({
      OSS_ENDPOINT: emulator.endpoint,
      OSS_BUCKET: 'media',
      OSS_REGION: 'cn-hangzhou',
    });
    expect(await emulator.rtmpUrl('cam')).toMatch(
      new RegExp(
        `^rtmp://127.0.0.1:${emulator.port}/media/live/cam\\?OSSAccessKeyId=emulator-ak&Expires=\\d+&Signature=`,
      ),
    );
  });

  it('can be done many times in one process; none notices another', async () => {
    const emulators = await Promise.all([startEmulator(), startEmulator(), startEmulator()]);
    const [first, second, third] = emulators;
    await first.seed({ buckets: [{ name: 'only-here' }] });
    first.clock.freeze();
    second.faults.add({ match: { operation: 'GetBucketInfo' }, effect: { code: 'InternalError' } });
    expect(new Set(emulators.map(({ port }) => port)).size).toBe(3);
    expect(third.events.since(0)).toEqual([]);
    expect(third.clock.isFrozen).toBe(false);
    expect(third.faults.list()).toEqual([]);
    await Promise.all(emulators.map((emulator) => emulator.stop()));
    await expect(fetch(third.endpoint)).rejects.toThrow();
  });

  it('runs with the clock it is given', async () => {
    const clock = new ManualClock(Date.UTC(2025, 0, 1));
    await using emulator = await startEmulator({ clock });
    expect((await fetch(emulator.endpoint)).headers.get('date')).toBe('Wed, 01 Jan 2025 00:00:00 GMT');
    clock.advance(1_000);
    expect(emulator.clock.now()).toBe(Date.UTC(2025, 0, 1, 0, 0, 1));
  });

  it('refuses an option it does not know, and a bucket that cannot be', async () => {
    const misspelt: object = { acessKeyId: 'a' };
    await expect(startEmulator(misspelt)).rejects.toThrow(
      new UsageError('startEmulator: unknown option "acessKeyId" (did you mean "accessKeyId"?).'),
    );
    await expect(startEmulator({ channels: ['a/b'] })).rejects.toThrow(
      '--channel "a/b" cannot be created: ChannelName must not contain a slash.',
    );
    await expect(startEmulator({ buckets: ['media:secret'] })).rejects.toThrow(/buckets\[0\] must be NAME or NAME:ACL/);
  });
});

describe('streams and rooms of a running emulator', () => {
  it('are pushed into without an encoder, and looked at', async () => {
    await using emulator = await startEmulator();
    const stream = await emulator.publish({ url: 'rtmp://push.example.com/app/s1', durationSec: 600 });
    const { rtmpAddress } = emulator.roomAddress({ appId: 'app', channelId: 'lesson', userId: 'alice' });
    const user = await emulator.publish({ url: rtmpAddress, speed: 'max' });
    expect([stream.bucket, stream.channel]).toEqual([null, null]);
    expect(await emulator.streams()).toMatchObject([
      { domain: 'push.example.com', app: 'app', stream: 's1', state: 'live', live: { viewers: 0, recording: null } },
    ]);
    await user.done;
    expect(emulator.rooms()).toEqual([]);
    await stream.stop();
    expect(await emulator.streams()).toMatchObject([{ stream: 's1', state: 'idle', live: null }]);
    expect(() => emulator.roomAddress({ appId: 'a b', channelId: 'lesson', userId: 'alice' })).toThrow(UsageError);
  });

  it('are gone after a reset, pushes included', async () => {
    await using emulator = await startEmulator();
    const { rtmpAddress } = emulator.roomAddress({ appId: 'app', channelId: 'lesson', userId: 'alice' });
    const pushes = [
      await emulator.publish({ url: rtmpAddress, durationSec: 600 }),
      await emulator.publish({ url: 'rtmp://push.example.com/app/s1', durationSec: 600 }),
    ];
    await emulator.reset();
    await Promise.all(pushes.map(({ done }) => done));
    expect([await emulator.streams(), emulator.rooms()]).toEqual([[], []]);
    // Addresses are still valid.
    await (await emulator.publish({ url: rtmpAddress, speed: 'max' })).done;
  });
});

describe('reset', () => {
  it('takes everything back, pushes that are going on included', async () => {
    await using emulator = await startEmulator({ seed: { buckets: [{ name: 'seeded', objects: [{ key: 'a' }] }] } });
    const client = new OSS(emulator.aliOssOptions);
    await client.put('mine', Buffer.from('x'));
    await client.putChannel('cam', channelConfig());
    await emulator.seed({
      buckets: [{ name: 'examplebucket', channels: [{ name: 'old', recordings: [{ from: '-1h', to: 'now' }] }] }],
    });
    const push = await emulator.publish({ channel: 'cam' });
    emulator.faults.add({ match: {}, effect: { delayMs: 60_000 } });
    emulator.clock.freeze();
    await emulator.clock.advance(3_600_000);

    await emulator.reset();

    await push.done;
    expect(emulator.faults.list()).toEqual([]);
    expect([emulator.clock.isFrozen, emulator.clock.offsetMs]).toEqual([false, 0]);
    expect((await emulator.channels()).map(({ name, state }) => [name, state])).toEqual([['test-channel', 'idle']]);
    expect((await client.list({ 'max-keys': 10 }, {})).objects ?? []).toEqual([]);
    expect((await fetch(`${emulator.endpoint}/_emulator/channels/examplebucket/cam/fragments`)).status).toBe(200);
    expect(await (await fetch(`${emulator.endpoint}/_emulator/publish`)).json()).toEqual({ publishes: [] });
    const seeded = new OSS({ ...emulator.aliOssOptions, bucket: 'seeded' });
    expect((await seeded.list({ 'max-keys': 10 }, {})).objects?.map(({ name }) => name)).toEqual(['a']);

    // The channel is free again: a new push to the same name is accepted.
    await (await emulator.publish({ channel: 'cam', durationSec: 2, speed: 'max' })).done;
    expect(emulator.events.since(0).filter(({ type }) => type === 'emulator.reset')).toHaveLength(1);
  });

  it('of one bucket leaves the others, the faults and the clock', async () => {
    await using emulator = await startEmulator({ buckets: ['one', 'two'], channels: ['cam'] });
    await emulator.seed({
      buckets: ['one', 'two'].map((name) => ({ name, objects: [{ key: 'a' }], channels: [{ name: 'extra' }] })),
    });
    emulator.clock.freeze();
    const push = await emulator.publish({ bucket: 'two', channel: 'extra', speed: 'max', durationSec: 600 });
    await emulator.reset('one');
    const left = (await emulator.channels()).map(({ bucket, name }) => `${bucket}/${name}`);
    expect(left).toEqual(['one/cam', 'two/extra']);
    expect(emulator.clock.isFrozen).toBe(true);
    await push.stop();
    await expect(emulator.reset('tow')).rejects.toThrow('There is no bucket "tow" to reset.');
  });

  it('leaves nothing of a publisher in mid push, again and again, on a clock that stands still', async () => {
    await using emulator = await startEmulator();
    emulator.clock.freeze();
    for (let round = 0; round < 50; round++) {
      const stored = emulator.events.waitFor('fragment.stored');
      const push = await emulator.publish({ channel: 'cam', durationSec: 3_600, speed: 'max' });
      await stored;
      await emulator.reset();
      await push.done;
      expect((await emulator.channels()).map(({ name, state }) => [name, state])).toEqual([['test-channel', 'idle']]);
      emulator.clock.freeze();
    }
  });
});
