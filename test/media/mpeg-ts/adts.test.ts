import { expect, it } from 'vitest';
import { parseAacConfig } from '../../../src/media/codecs/aac.ts';
import {
  adtsAudioConfig,
  adtsHeaderTemplate,
  MAX_AAC_FRAME_SIZE_BYTES,
  writeAdtsHeader,
} from '../../../src/media/mpeg-ts/adts.ts';

function template(config: string): Buffer | undefined {
  const parsed = parseAacConfig(Buffer.from(config, 'hex'));
  return parsed && adtsHeaderTemplate(parsed);
}

it.each([
  ['LC, 44.1 kHz stereo', '1210', 144, 'fff1508012fffc'],
  ['LC, 48 kHz 5.1, the longest frame', '11b0', MAX_AAC_FRAME_SIZE_BYTES, 'fff14d83fffffc'],
  ['HE-AAC: the core, with its own rate', '2b920800', 144, 'fff15c8012fffc'],
  ['a rate that was written out: the nearest, 44.1 kHz for 37.8', '178049d410', 144, 'fff1508012fffc'],
])('%s', (_, config, frameSizeBytes, expected) => {
  const header = template(config) ?? Buffer.alloc(0);
  const target = Buffer.alloc(9, 0xee);
  expect(writeAdtsHeader(target, 1, header, frameSizeBytes)).toBe(8);
  expect(target.toString('hex')).toBe(`ee${expected}ee`);
});

it.each([
  ['ER AAC LD', 'b990'],
  ['a layout in a program config element', '1200050400002000'],
])('has no header for %s', (_, config) => {
  expect(template(config)).toBeUndefined();
});

it.each([
  ['LC, 44.1 kHz stereo', '1210', '1210'],
  ['more bytes than needed', '1210000000', '1210'],
  ['backward compatible SBR', '121056e5a0', '1210'],
  ['explicit SBR', '2b920800', '1390'],
  ['a rate that was written out', '1780562210', '1210'],
  ['ER AAC LD', 'b990', undefined],
])('keeps of a configuration what a header says: %s', (_, config, expected) => {
  const parsed = parseAacConfig(Buffer.from(config, 'hex'));
  const kept = parsed && adtsAudioConfig(parsed);
  expect(kept?.toString('hex')).toBe(expected);
  if (kept) expect(template(kept.toString('hex'))).toEqual(template(config));
});
