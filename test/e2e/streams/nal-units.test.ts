import { describe, expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import {
  encodeTags,
  isConfig,
  isVideoFrame,
  nalUnitsOf,
  picture,
  readClip,
  recordable,
  type Tags,
  VIDEO_HEADER_BYTES,
  withNalUnits,
  x264,
} from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { durations, expectFrames, record } from './recorded-stream.ts';

/** 6 s, a key frame every 2 s. */
const CLIP = readClip('h264-only');

/** The same stream with NAL unit lengths of another size. */
function withLengthSize(tags: Tags, lengthSize: number): Tags {
  return tags.map((tag) => {
    if (isVideoFrame(tag)) return withNalUnits(tag, nalUnitsOf(tag), lengthSize);
    if (!isConfig(tag)) return tag;
    const payload = Buffer.from(tag.payload);
    payload[VIDEO_HEADER_BYTES + 4] = 0xfc | (lengthSize - 1);
    return { ...tag, payload };
  });
}

function mapFrames(tags: Tags, change: (nalUnits: readonly Buffer[], index: number) => readonly Buffer[]): Tags {
  return tags.map((tag, index) => (isVideoFrame(tag) ? withNalUnits(tag, change(nalUnitsOf(tag), index)) : tag));
}

const EMPTY = Buffer.alloc(0);

describeWith(['ffmpeg', 'ffprobe'], 'NAL units', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it.each([2, 3, 4])('behind lengths of %d bytes', async (lengthSize) => {
      const stream = await record(withLengthSize(CLIP, lengthSize), { segmenter });
      expect(stream.stat).toMatchObject({ Video: { Width: '320', Height: '180', FrameRate: '25' } });
      expect(durations(stream)).toEqual([2, 2, 2]);
      await expectFrames(stream, recordable(CLIP));
    });

    it('of delimiters, buffering periods, picture timing and four slices', async () => {
      const params = 'aud=1:slices=4:nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400:repeat-headers=0';
      const tags = await encodeTags(...picture('160x96', 25, 4), ...x264(50, '-x264-params', params));
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2]);
      await expectFrames(stream, recordable(tags));
    });

    it('of which some are empty', async () => {
      const tags = mapFrames(CLIP, (nalUnits) => [EMPTY, ...nalUnits.flatMap((nalUnit) => [nalUnit, EMPTY])]);
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2]);
      await expectFrames(stream, recordable(CLIP));
    });

    it('of which none is in a picture', async () => {
      const isHollow = (index: number) => index % 25 === 10;
      const tags = mapFrames(CLIP, (nalUnits, index) => (isHollow(index) ? [EMPTY] : nalUnits));
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toHaveLength(3);
    });

    it('that claim more bytes than there are', async () => {
      const tags = CLIP.map((tag, index) => {
        if (!isVideoFrame(tag) || index % 50 !== 20) return tag;
        return { ...tag, payload: Buffer.concat([tag.payload, Buffer.from('00ffffff41', 'hex')]) };
      });
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2]);
      await expectFrames(stream, recordable(CLIP));
    });
  });
});
