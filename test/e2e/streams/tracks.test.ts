import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { describeWith } from '../../support/tools.ts';
import { before, encodeTags, from, isConfig, ofKind, picture, readClip, recordable, sound, x264 } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { countRecording, countTags } from './received-frames.ts';
import { discontinuities, durations, expectFrames, record } from './recorded-stream.ts';

const PLAIN = readClip('h264-aac');
const VIDEO_STAT = { Width: '640', Height: '360', FrameRate: '25', Codec: 'H264' };
const AUDIO_STAT = { SampleRate: '44100', Codec: 'AAC' };

describeWith(['ffmpeg', 'ffprobe'], 'a stream', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it('with B-frames keeps decoding and presentation times apart', async () => {
      const tags = readClip('h264-aac-b-frames-slices');
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Video: { ...VIDEO_STAT, FrameRate: '30' }, Audio: AUDIO_STAT });
      expect(durations(stream)).toEqual([2, 2, 2, 2]);
      expect(stream.findings).toEqual(['b-frames']);
      await expectFrames(stream, recordable(tags));
    });

    it('whose sound begins before its picture is recorded from the first picture on', async () => {
      const tags = PLAIN.filter((tag) => tag.kind !== 'video' || isConfig(tag) || tag.timestampMs >= 4000);
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2]);
      await expectFrames(stream, recordable(tags));
    });

    it('whose picture begins before its sound takes the sound in at once, without a break', async () => {
      // The audio configuration too is missing before the audio begins.
      const video = ofKind(before(PLAIN, 5000), 'video', 'data');
      const tags = [...video, ...from(PLAIN, 5000)];
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(discontinuities(stream)).not.toContain(true);
      expect(stream.stat).toMatchObject({ Video: VIDEO_STAT, Audio: AUDIO_STAT });
      // By the playlist ffprobe finds no sound, because the first fragment has none.
      expect(await countRecording(stream.studio, stream)).toEqual(await countTags(tags));
    });

    it('without sound has pictures only, in Stat too', async () => {
      const tags = readClip('h264-only');
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Video: { Width: '320', Height: '180', Codec: 'H264' } });
      expect(stream.stat.Audio).toBeUndefined();
      expect(durations(stream)).toEqual([2, 2, 2]);
      await expectFrames(stream, recordable(tags));
    });

    it('without pictures is live and leaves nothing', async () => {
      const stream = await record(readClip('aac-only'), { segmenter });
      expect(stream.stat).toMatchObject({ Status: 'Live', Audio: AUDIO_STAT });
      expect(stream.stat.Video).toBeUndefined();
      expect(stream.fragments).toEqual([]);
    });

    it('whose sound comes much later than its picture, by more than a second of it, stays whole', async () => {
      // The time stamps are right, but the order of arrival differs, as from encoders that interleave in steps of a
      // second.
      const isLate = (tag: MediaMessage) => tag.kind === 'audio' && !isConfig(tag);
      const late = PLAIN.map((tag) => ({ tag, arrival: tag.timestampMs + (isLate(tag) ? 1500 : 0) }));
      const tags = late.sort((a, b) => a.arrival - b.arrival).map(({ tag }) => tag);
      const stream = await record(tags, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(discontinuities(stream)).not.toContain(true);
      await expectFrames(stream, recordable(tags));
    });
  });

  it('of 60 pictures a second', async () => {
    const tags = await encodeTags(...picture('160x90', 60, 4), ...sound(44_100, 4), ...x264(120), '-c:a', 'aac');
    const stream = await record(tags);
    expect(stream.stat).toMatchObject({ Video: { Width: '160', Height: '90', FrameRate: '60' } });
    // The last frame has no successor, so its duration is that of the frame before it.
    expect(durations(stream)).toEqual([2, 1.999]);
    await expectFrames(stream, recordable(tags));
  });

  it('of 20 Mbit/s', async () => {
    const rate = [
      '-b:v',
      '20M',
      '-minrate',
      '20M',
      '-maxrate',
      '20M',
      '-bufsize',
      '20M',
      '-x264-params',
      'nal-hrd=cbr',
    ];
    const tags = await encodeTags(...picture('640x360', 25, 4), ...x264(50, ...rate));
    expect(tags.reduce((sum, { payload }) => sum + payload.length, 0)).toBeGreaterThan(9_000_000);
    const stream = await record(tags);
    expect(durations(stream)).toEqual([2, 2]);
    await expectFrames(stream, recordable(tags));
  });
});
