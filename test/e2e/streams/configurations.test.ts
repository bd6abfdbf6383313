import { describe, expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import {
  before,
  encodeTags,
  from,
  isConfig,
  picture,
  readClip,
  recordable,
  shifted,
  sound,
  type Tags,
  withoutEnd,
  x264,
} from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { discontinuities, durations, expectFrames, record } from './recorded-stream.ts';

/** 12 s of 640x360 at 25 fps with 44.1 kHz stereo. */
const BIG = readClip('h264-aac');

function tiny(size: string, sampleRateHz: number, ...options: readonly string[]): Promise<Tags> {
  const encoders = [...x264(50, ...options), '-c:a', 'aac', '-ac', '2'];
  return encodeTags(...picture(size, 25, 4), ...sound(sampleRateHz, 4), ...encoders);
}

/** One stream after the other, as from an encoder whose settings were changed during the push. */
function followedBy(first: Tags, atMs: number, second: Tags): Tags {
  return [...withoutEnd(before(first, atMs)), ...shifted(withoutEnd(second), atMs)];
}

describeWith(['ffmpeg', 'ffprobe'], 'a configuration that changes on the way', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it('of the size begins a new program, in Stat too', async () => {
      const tags = followedBy(BIG, 6000, await tiny('320x180', 44_100));
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Video: { Width: '320', Height: '180' } });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2]);
      expect(discontinuities(stream)).toEqual([false, false, false, true, false]);
    });

    it('of the profile alone begins one too', async () => {
      const first = await tiny('160x90', 44_100, '-coder', 'vlc');
      const tags = followedBy(first, 4000, await tiny('160x90', 44_100, '-coder', 'cabac'));
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Video: { Width: '160', Height: '90' } });
      expect(discontinuities(stream)).toEqual([false, false, true, false]);
    });

    it('of the sound begins one at the next key frame, without losing a picture', async () => {
      const first = await tiny('160x90', 44_100);
      const tags = followedBy(first, 4000, await tiny('160x90', 48_000));
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Audio: { SampleRate: '48000' } });
      expect(durations(stream)).toEqual([2, 2, 2, 2]);
      expect(discontinuities(stream)).toEqual([false, false, true, false]);
    });

    it('to itself changes nothing', async () => {
      const repeated = [...before(BIG, 5000), ...BIG.filter(isConfig), ...from(BIG, 5000)];
      const stream = await record(repeated, { segmenter });
      expect(discontinuities(stream)).not.toContain(true);
      await expectFrames(stream, recordable(BIG));
    });
  });

  it('to one that cannot be read is ignored', async () => {
    const broken = { kind: 'video', timestampMs: 5000, payload: Buffer.from('1700000000ff', 'hex') } as const;
    const stream = await record([...before(BIG, 5000), broken, ...from(BIG, 5000)]);
    expect(stream.stat).toMatchObject({ Video: { Width: '640', Height: '360' } });
    expect(discontinuities(stream)).not.toContain(true);
    await expectFrames(stream, recordable(BIG));
  });
});
