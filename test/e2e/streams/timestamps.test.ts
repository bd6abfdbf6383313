import { describe, expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import { before, from, readClip, recordable, shifted, type Tags } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { discontinuities, durations, expectFrames, record } from './recorded-stream.ts';

/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The first `cutMs` of the clip, then the other frames with shifted times. */
function jumping(cutMs: number, byMs: number): Tags {
  return [
    ...before(CLIP, cutMs),
    ...shifted(
      from(CLIP, cutMs).filter(({ timestampMs }) => timestampMs >= cutMs),
      byMs,
    ),
  ];
}

describeWith(['ffmpeg', 'ffprobe'], 'timestamps', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it('that start at a day stay as they are', async () => {
      const tags = shifted(CLIP, DAY_MS);
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      const wrapSec = 2 ** 33 / 90_000;
      await expectFrames(
        stream,
        recordable(tags).map((frame) => ({
          ...frame,
          ptsSec: frame.ptsSec % wrapSec,
          dtsSec: frame.dtsSec % wrapSec,
        })),
      );
    });

    it('that wrap at 2^32 go on', async () => {
      const stream = await record(shifted(CLIP, 2 ** 32 - 5000), { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(discontinuities(stream)).not.toContain(true);
      expect(stream.findings).toEqual([]);
    });

    it.each([
      ['forward by an hour', HOUR_MS],
      ['forward by eleven seconds', 11_000],
      ['backward by four seconds', -4_000],
      ['backward to the start', -6_000],
    ])('that jump %s begin a new program behind a discontinuity', async (_, byMs) => {
      const stream = await record(jumping(6000, byMs), { segmenter });
      expect(stream.findings).toEqual(['time-jump']);
      expect(discontinuities(stream)).toEqual([false, false, false, true, false, false]);
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
    });

    it('that jump between two key frames cost nothing: the break is at the next key frame', async () => {
      const stream = await record(jumping(7000, HOUR_MS), { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(discontinuities(stream)).toEqual([false, false, false, false, true, false]);
    });
  });

  it('that go back by half a second, and repeat, rise all the same', async () => {
    const wobbling = CLIP.map((tag) =>
      tag.timestampMs >= 5000 && tag.timestampMs < 5500 ? { ...tag, timestampMs: tag.timestampMs - 400 } : tag,
    );
    const stream = await record(wobbling);
    expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(discontinuities(stream)).not.toContain(true);
  });
});
