import { expect, it } from 'vitest';
import { flvFrameTag, flvHeader } from '../../../src/media/flv/writer.ts';

const videoConfig = Buffer.from([1, 2, 3]);
const audioConfig = Buffer.from([0x12, 0x10]);

it('announces the tracks there are, and describes each', () => {
  const videoTag = '09000008' + '00000000000000' + '1700000000' + '010203' + '00000013';
  const audioTag = '08000004' + '00000000000000' + 'af00' + '1210' + '0000000f';
  const videoOnly = flvHeader({ videoConfig });
  expect(videoOnly.toString('hex')).toBe(`464c560101${'00000009'}00000000${videoTag}`);
  const both = flvHeader({ videoConfig, audioConfig });
  expect(both.toString('hex')).toBe(`464c560105${'00000009'}00000000${videoTag}${audioTag}`);
});

it('writes times from the origin on: 24 bits, then the upper 8', () => {
  const originMs = 1_000_000_000_000;
  const data = Buffer.from([0xaa]);
  const tag = flvFrameTag({ kind: 'audio', dtsMs: originMs + 0x12_345678, data }, originMs);
  expect(tag.toString('hex')).toBe('08000003' + '34567812' + '000000' + 'af01' + 'aa' + '0000000e');
});

it.each([
  [40, true, '17' + '01' + '000028'],
  [-40, false, '27' + '01' + 'ffffd8'],
])('writes composition offset %d in 24 bits', (compositionMs, keyFrame, expected) => {
  const tag = flvFrameTag({ kind: 'video', dtsMs: 0, compositionMs, keyFrame, data: Buffer.alloc(0) }, 0);
  expect(tag.toString('hex', 11, 16)).toBe(expected);
});
