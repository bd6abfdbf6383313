import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { describeWith } from '../../support/tools.ts';
import { isConfig, readClip, recordable, type Tags } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { expectFrames, record } from './recorded-stream.ts';

/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');
/** Three slices in each picture. */
const SLICES = readClip('h264-aac-b-frames-slices');
/** Length, access unit delimiter; length, SEI of user data. */
const DELIMITER = '0000000209f0';
const SEI = `00000015060511${'5a'.repeat(17)}80`;

const isPicture = ({ kind, payload }: MediaMessage) => kind === 'video' && payload[1] === 1;

function withBody(tag: MediaMessage, head: Buffer, body: Buffer): MediaMessage {
  return { kind: tag.kind, timestampMs: tag.timestampMs, payload: Buffer.concat([head, body]) };
}

/** Each NAL unit of a picture in a message of its own, after some more. */
function divided(tags: Tags, before: string): Tags {
  return tags.flatMap((tag) => {
    if (!isPicture(tag)) return [tag];
    const head = tag.payload.subarray(0, 5);
    const parts = before ? [withBody(tag, Buffer.from('2701000000', 'hex'), Buffer.from(before, 'hex'))] : [];
    for (let at = 5; at < tag.payload.length; ) {
      const end = at + 4 + tag.payload.readUInt32BE(at);
      parts.push(withBody(tag, head, tag.payload.subarray(at, end)));
      at = end;
    }
    return parts;
  });
}

describeWith(['ffmpeg', 'ffprobe'], 'messages that are no access units', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it.each([
      ['a delimiter', DELIMITER],
      ['SEI', SEI],
    ])('but %s belong to the next picture', async (_, before) => {
      const stream = await record(divided(CLIP, before), { segmenter });
      expect(stream.findings).toEqual([]);
      await expectFrames(stream, recordable(CLIP));
    });

    it('but slices are one picture', async () => {
      const stream = await record(divided(SLICES, ''), { segmenter });
      expect([...stream.findings].sort()).toEqual(['b-frames', 'split-picture']);
      await expectFrames(stream, recordable(SLICES));
    });

    it('but come with parameter sets instead of a sequence header are recorded', async () => {
      const clip = readClip('h264-aac-320x180-inband-parameter-sets');
      const tags = clip.filter((tag) => tag.kind !== 'video' || !isConfig(tag));
      const stream = await record(tags, { segmenter });
      expect(stream.findings).toEqual(['sequence-header']);
      expect(stream.stat).toMatchObject({ Video: { Width: '320', Height: '180' } });
      await expectFrames(stream, recordable(clip));
    });
  });
});
