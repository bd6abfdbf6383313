import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AudioTag, parseAudioTag, parseVideoTag, type VideoTag } from '../../../src/media/flv/tags.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const avc1 = '61766331';
const hvc1 = '68766331';
const av01 = '61763031';
const vp09 = '76703039';
const mp4a = '6d703461';
const opus = '4f707573';

describe('parseVideoTag', () => {
  it.each<[string, string, VideoTag]>([
    ['a sequence header', '17 00 000000 0164', { kind: 'config', codec: 'h264', config: bytes('0164') }],
    [
      'a key frame',
      '17 01 000050 aabb',
      { kind: 'frame', codec: 'h264', keyFrame: true, compositionMs: 80, data: bytes('aabb') },
    ],
    [
      'a negative composition time',
      '27 01 ffffd8 aa',
      { kind: 'frame', codec: 'h264', keyFrame: false, compositionMs: -40, data: bytes('aa') },
    ],
    [
      'an empty frame',
      '27 01 000000',
      { kind: 'frame', codec: 'h264', keyFrame: false, compositionMs: 0, data: bytes('') },
    ],
    ['the end of the sequence', '17 02 000000', { kind: 'end-of-sequence', codec: 'h264' }],
    ['HEVC in the shape of AVC', '1c 00 000000 01', { kind: 'config', codec: 'hevc', config: bytes('01') }],
    [
      'another legacy codec',
      '12 aabb',
      { kind: 'frame', codec: 'sorenson-h263', keyFrame: true, compositionMs: 0, data: bytes('aabb') },
    ],
    ['a command frame', '57 01', { kind: 'unsupported', detail: 'video command frame' }],
    ['an unknown codec', '1f 01', { kind: 'unsupported', detail: 'video codec id 15' }],
    ['nothing', '', { kind: 'malformed', detail: 'empty video message' }],
    ['a cut AVC header', '17 01 0000', { kind: 'malformed', detail: 'h264 message of 4 bytes' }],
    ['an unknown AVC packet type', '17 03 000000', { kind: 'malformed', detail: 'h264 packet type 3' }],
  ])('reads %s', (_, hex, tag) => {
    expect(parseVideoTag(bytes(hex))).toEqual(tag);
  });

  it.each<[string, string, VideoTag]>([
    ['avc1 sequence start', `90 ${avc1} 0164`, parseVideoTag(bytes('17 00 000000 0164'))],
    ['avc1 coded frames', `a1 ${avc1} ffffd8 aa`, parseVideoTag(bytes('27 01 ffffd8 aa'))],
    ['avc1 coded frames X', `93 ${avc1} aa`, parseVideoTag(bytes('17 01 000000 aa'))],
    ['avc1 sequence end', `92 ${avc1}`, parseVideoTag(bytes('17 02 000000'))],
    [
      'hvc1 coded frames',
      `91 ${hvc1} 000014 aa`,
      { kind: 'frame', codec: 'hevc', keyFrame: true, compositionMs: 20, data: bytes('aa') },
    ],
    [
      'av01 coded frames',
      `91 ${av01} aabbcc`,
      { kind: 'frame', codec: 'av1', keyFrame: true, compositionMs: 0, data: bytes('aabbcc') },
    ],
    ['vp09 sequence start', `90 ${vp09} 01`, { kind: 'config', codec: 'vp9', config: bytes('01') }],
    ['metadata', `94 ${hvc1} 02`, { kind: 'unsupported', detail: 'enhanced video packet: metadata' }],
    ['MPEG-2 TS', `95 ${av01} 02`, { kind: 'unsupported', detail: 'enhanced video packet: MPEG-2 TS sequence start' }],
    ['multitrack', `96 00 ${avc1}`, { kind: 'unsupported', detail: 'enhanced video packet: multitrack' }],
    ['ModEx', '97 02 000000', { kind: 'unsupported', detail: 'enhanced video packet: ModEx' }],
    ['a command frame', `d1 ${avc1}`, { kind: 'unsupported', detail: 'video command frame' }],
    ['an unknown FourCC', '90 7a7a7a00', { kind: 'unsupported', detail: 'video FourCC "zzz\\u0000"' }],
    ['a cut FourCC', '90 6176', { kind: 'malformed', detail: 'enhanced video message of 3 bytes' }],
    ['a cut composition time', `91 ${avc1} 0000`, { kind: 'malformed', detail: 'h264 message of 7 bytes' }],
    ['an unknown packet type', `9f ${avc1}`, { kind: 'malformed', detail: 'enhanced video packet type 15' }],
  ])('reads enhanced RTMP: %s', (_, hex, tag) => {
    expect(parseVideoTag(bytes(hex))).toEqual(tag);
  });
});

describe('parseAudioTag', () => {
  it.each<[string, string, AudioTag]>([
    ['a sequence header', 'af 00 1210', { kind: 'config', codec: 'aac', config: bytes('1210') }],
    ['a frame', 'af 01 aabb', { kind: 'frame', codec: 'aac', data: bytes('aabb') }],
    ['another codec', '2f aabb', { kind: 'frame', codec: 'mp3', data: bytes('aabb') }],
    ['an unknown sound format', 'cf 01', { kind: 'unsupported', detail: 'sound format 12' }],
    ['nothing', '', { kind: 'malformed', detail: 'empty audio message' }],
    ['a cut AAC header', 'af', { kind: 'malformed', detail: 'aac message of 1 byte' }],
    ['an unknown AAC packet type', 'af 02', { kind: 'malformed', detail: 'aac packet type 2' }],
    ['mp4a sequence start', `90 ${mp4a} 1210`, parseAudioTag(bytes('af 00 1210'))],
    ['mp4a coded frames', `91 ${mp4a} aabb`, parseAudioTag(bytes('af 01 aabb'))],
    ['Opus sequence end', `92 ${opus}`, { kind: 'end-of-sequence', codec: 'opus' }],
    [
      'multichannel config',
      `94 ${opus} 00`,
      { kind: 'unsupported', detail: 'enhanced audio packet: multichannel config' },
    ],
    ['an unknown FourCC', '90 7a7a7a7a', { kind: 'unsupported', detail: 'audio FourCC "zzzz"' }],
    ['a cut FourCC', '91 6d70', { kind: 'malformed', detail: 'enhanced audio message of 3 bytes' }],
    ['an unknown packet type', `9f ${mp4a}`, { kind: 'malformed', detail: 'enhanced audio packet type 15' }],
  ])('reads %s', (_, hex, tag) => {
    expect(parseAudioTag(bytes(hex))).toEqual(tag);
  });
});

it('gives a value for any body, whose data is a view of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (array) => {
      const body = Buffer.from(array);
      for (const tag of [parseVideoTag(body), parseAudioTag(body)]) {
        if (tag.kind === 'frame') expect(tag.data.buffer).toBe(body.buffer);
        if (tag.kind === 'malformed') expect(tag.detail).not.toBe('');
      }
    }),
    { numRuns: 2_000 },
  );
});
