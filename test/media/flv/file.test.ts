import { describe, expect, it } from 'vitest';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import { parseAudioTag, parseVideoTag } from '../../../src/media/flv/tags.ts';
import { readFixture } from '../../rtmp/support.ts';

const HEADER = '464c5601 05 00000009 00000000';
const file = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('readFlvTags', () => {
  it('reads tags with their 32-bit timestamps and skips unknown types', () => {
    const tags = [
      '08 000002 000017 01 000000 af01 0000000d', // the fourth byte of the timestamp is the most significant one
      '0f 000001 000000 00 000000 00 0000000c',
      '12 000001 000000 00 000000 05 0000000c',
    ];
    expect([...readFlvTags(file(HEADER + tags.join('')))]).toEqual([
      { kind: 'audio', timestampMs: 0x01000017, payload: file('af01') },
      { kind: 'data', timestampMs: 0, payload: file('05') },
    ]);
  });

  it('leaves out a last tag that is cut short', () => {
    const whole = readFixture('clip.flv');
    const count = [...readFlvTags(whole)].length;
    expect([...readFlvTags(whole.subarray(0, whole.length - 5))]).toHaveLength(count - 1);
  });

  it('refuses what is no FLV file', () => {
    expect(() => [...readFlvTags(Buffer.from('#EXTM3U\n#EXT-X'))]).toThrow(RangeError);
    expect(() => [...readFlvTags(Buffer.alloc(0))]).toThrow(RangeError);
  });

  it('finds in a clip of ffmpeg what was encoded: 20 pictures in two groups, AAC throughout', () => {
    const tags = [...readFlvTags(readFixture('clip.flv'))];
    const video = tags.filter((tag) => tag.kind === 'video').map((tag) => parseVideoTag(tag.payload));
    const audio = tags.filter((tag) => tag.kind === 'audio').map((tag) => parseAudioTag(tag.payload));
    expect(video.map((tag) => tag.kind)).toEqual(['config', ...Array(20).fill('frame'), 'end-of-sequence']);
    expect(video.filter((tag) => tag.kind === 'frame' && tag.keyFrame)).toHaveLength(2);
    expect(video.some((tag) => tag.kind === 'frame' && tag.compositionMs > 0)).toBe(true);
    expect(audio[0]?.kind).toBe('config');
    expect(audio.slice(1).every((tag) => tag.kind === 'frame' && tag.codec === 'aac')).toBe(true);
  });
});
