import { describe, expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import { encodeTags, from, isKeyFrame, picture, readClip, recordable, sound, type Tags, x264 } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { durations, expectFrames, record } from './recorded-stream.ts';

const SLOW = ['160x90', 5] as const;

/** The same pictures, none of them marked as a key frame. */
function withoutKeyFrames(tags: Tags): Tags {
  return tags.map((tag) => {
    if (!isKeyFrame(tag)) return tag;
    const payload = Buffer.from(tag.payload);
    payload[0] = 0x27; // inter frame, AVC
    return { ...tag, payload };
  });
}

describeWith(['ffmpeg', 'ffprobe'], 'key frames', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it('every ten seconds make fragments of ten seconds', async () => {
      const tags = readClip('h264-aac-key-frame-every-10s');
      const stream = await record(tags, { segmenter, fragDurationSec: 5 });
      expect(durations(stream)).toEqual([10, 10, 2]);
      expect(stream.findings).toEqual(['key-frame-interval']);
      await expectFrames(stream, recordable(tags));
    });

    it('in every picture leave the length to FragDuration', async () => {
      const tags = await encodeTags(...picture(...SLOW, 6), ...sound(8000, 6), ...x264(1), '-c:a', 'aac');
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2]);
      await expectFrames(stream, recordable(tags));
    });

    it('that never come again are cut at a minute, in mid-scene', async () => {
      const tags = await encodeTags(...picture(...SLOW, 130), ...x264(100_000));
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([60, 60, 10]);
      expect(stream.findings).toEqual(expect.arrayContaining(['key-frame-interval', 'forced-cut', 'no-audio']));
      await expectFrames(stream, recordable(tags));
    });
  });

  it('that are not marked are known as IDR pictures', async () => {
    const tags = readClip('h264-aac');
    const stream = await record(withoutKeyFrames(tags));
    expect(stream.findings).toEqual(['key-frame-flag']);
    await expectFrames(stream, recordable(tags));
  });

  it('that never come leave nothing, and end nothing', async () => {
    // Key frames that are no IDR pictures, without the first one, which is.
    const tags = from(readClip('h264-aac-open-gop'), 1000);
    const stream = await record(withoutKeyFrames(tags));
    expect(stream.stat).toMatchObject({ Status: 'Live', Audio: { SampleRate: '48000' } });
    expect(stream.stat.Video).toBeUndefined();
    expect(stream.findings).toEqual(['no-key-frame']);
    expect(stream.fragments).toEqual([]);
  });
});
