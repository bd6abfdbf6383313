import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadClip, readClip, repeatClip } from '../../../src/control-plane/publisher/clip.ts';
import { startEmulator } from '../../../src/index.ts';
import { parseVideoTag } from '../../../src/media/flv/tags.ts';
import { controlOf } from '../../support/control.ts';
import { clip } from '../../support/emulator.ts';
import { decodeErrors, describeWith } from '../../support/tools.ts';

describe('a clip', () => {
  it('goes on over its end on one timeline, every track forwards', async () => {
    for (const name of ['h264-aac.flv', 'h264-aac-b-frames-slices.flv', 'h264-only.flv']) {
      const repeated = await loadClip(clip(name));
      const last = { video: -1, audio: -1, data: -1 };
      let pictures = 0;
      for (const { kind, timestampMs } of repeatClip(repeated, repeated.durationMs * 3)) {
        expect(timestampMs).toBeGreaterThanOrEqual(last[kind]);
        // No gap and no overlap: each picture follows the one before it after that one's duration, also where the clip
        // repeats.
        if (kind === 'video' && pictures++ > 1) expect(timestampMs - last.video).toBeLessThan(50);
        last[kind] = timestampMs;
      }
      expect(last.video).toBeGreaterThan(repeated.durationMs * 2.9);
    }
  });

  it('is refused before anything starts, in words that help', async () => {
    const flv = await readFile(clip('h264-aac.flv'));
    const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(12)]);
    expect(() => readClip(mp4, 'a.mp4')).toThrow(
      'The clip a.mp4 is MP4; make it FLV: ffmpeg -i a.mp4 -c copy clip.flv',
    );
    expect(() => readClip(Buffer.from('RIFF....WAVEfmt '), 'a.wav')).toThrow(/a.wav is not FLV/);
    expect(() => readClip(flv.subarray(0, 13), 'empty.flv')).toThrow('The clip empty.flv has no H.264 video');
    const sound = await readFile(clip('aac-only.flv'));
    expect(() => readClip(sound, 'sound.flv')).toThrow('has no H.264 video');
    const sorensonTag = Buffer.from([9, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 0, 0, 0, 13]);
    const sorenson = Buffer.concat([flv.subarray(0, 13), sorensonTag]);
    expect(() => readClip(sorenson, 'other.flv')).toThrow('other.flv has video that is not H.264');
    await expect(loadClip('/no/such.flv')).rejects.toThrow('There is no file /no/such.flv for the clip.');
  });

  it('is a regular file of a bounded size: a device has no end, and a FIFO may have no writer', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clips-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    await writeFile(join(folder, 'large'), '');
    await truncate(join(folder, 'large'), 256 * 1024 * 1024 + 1);
    for (const path of ['/dev/zero', folder, join(folder, 'fifo')]) {
      await expect(loadClip(path)).rejects.toThrow(`The clip ${path} is no regular file.`);
    }
    await expect(loadClip(join(folder, 'large'))).rejects.toThrow('more than 256 MiB');
  });
});

it('the clip of the emulator, of which the seed makes fragments, shows no picture before it is decoded', async () => {
  const { messages } = await loadClip(undefined);
  const times = messages.flatMap(({ kind, payload }) => {
    const tag = kind === 'video' ? parseVideoTag(payload) : undefined;
    return tag?.kind === 'frame' ? [tag.compositionMs] : [];
  });
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
});

describe('publish', () => {
  it('goes by the clock of the emulator', async () => {
    await using emulator = await startEmulator();
    emulator.clock.freeze();
    const push = await emulator.publish({ channel: 'cam', durationSec: 30 });
    await emulator.clock.advance(13_000);
    expect(push.sentMs).toBeGreaterThan(12_900);
    expect(push.sentMs).toBeLessThanOrEqual(13_000);
    const [cam] = (await emulator.channels()).filter(({ name }) => name === 'cam');
    expect(cam?.live?.video).toMatchObject({ width: 640, height: 360, frameRate: 25, codec: 'H264' });
    await emulator.clock.advance(18_000);
    await push.done;
    expect([push.state, push.detail]).toEqual(['ended', null]);
    const stored = emulator.events.since(0).flatMap((event) => (event.type === 'fragment.stored' ? [event] : []));
    expect(stored.map(({ durationMs }) => durationMs)).toEqual([6_000, 6_000, 6_000, 6_000, 6_000]);
    // Named by the clock: a fragment opens when its first picture comes.
    const opened = stored.map(({ key }) => Number(/(\d+)\.ts$/.exec(key)?.[1]));
    for (const [index, openedMs] of opened.entries()) {
      expect(Math.abs(openedMs - (opened[0] ?? 0) - index * 6_000)).toBeLessThan(500);
    }
  });

  it('stops when told to, with everything it sent stored', async () => {
    await using emulator = await startEmulator();
    const push = await emulator.publish({
      channel: 'cam',
      durationSec: 36_000,
      speed: 'max',
      playlistName: 'other.m3u8',
    });
    await emulator.events.waitFor('fragment.stored');
    await push.stop();
    expect(push.state).toBe('ended');
    expect((await fetch(`${emulator.endpoint}/examplebucket/cam/other.m3u8`)).status).toBe(200);
    expect((await emulator.channels()).every(({ state }) => state === 'idle')).toBe(true);
  });

  it('tells why it was refused, and of a push that was cut', async () => {
    await using emulator = await startEmulator();
    await emulator.seed({ buckets: [{ name: 'examplebucket', channels: [{ name: 'off', enabled: false }] }] });
    await expect(emulator.publish({ channel: 'off' })).rejects.toThrow('LiveChannelDisabled');
    await expect(emulator.publish({ channel: 'cam', bucket: 'none' })).rejects.toThrow('There is no bucket "none"');
    await expect(emulator.publish({ channel: 'cam', clip: clip('aac-only.flv') })).rejects.toThrow('no H.264 video');
    const first = await emulator.publish({ channel: 'cam' });
    await expect(emulator.publish({ channel: 'cam' })).rejects.toThrow('Already publishing');
    first.kill();
    await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
  });

  it('takes a clip of ours', async () => {
    const path = join(tmpdir(), `oss-livechannel-clip-${process.pid}.flv`);
    await writeFile(path, await readFile(clip('h264-only.flv')));
    try {
      await using emulator = await startEmulator();
      await (await emulator.publish({ channel: 'cam', clip: path, speed: 'max' })).done;
      const sizes = emulator.events.since(0).filter(({ type }) => type === 'fragment.stored');
      expect(sizes).toHaveLength(1);
    } finally {
      await rm(path);
    }
  });
});

describeWith(['ffmpeg'], 'what publish recorded', () => {
  it('decodes without a word, over the seam of the clip', async () => {
    await using emulator = await startEmulator({ buckets: ['media:public-read'] });
    const fromSec = Math.floor(Date.now() / 1000) - 1;
    await (await emulator.publish({ channel: 'cam', durationSec: 40, speed: 'max' })).done;
    const control = controlOf(emulator);
    const path = '/channels/media/cam/vod';
    const tooLong = await control('vod', path, { from: fromSec * 1000, to: '2100-01-01T00:00:00Z' });
    expect(tooLong).toEqual({
      status: 400,
      body: { error: 'The time span must not exceed one day.', code: 'InvalidArgument', argument: 'endTime' },
    });
    const { body } = await control('vod', path, { from: fromSec * 1000, to: 'now' });
    expect(await decodeErrors(body.url)).toBe('');
  });
});
