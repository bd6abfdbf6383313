import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AvcConfig } from '../../../src/media/codecs/avc.ts';
import { AnnexBConverter } from '../../../src/media/mpeg-ts/annex-b.ts';

const AUD = [0x09, 0xf0];
const SPS = [0x67, 0x42];
const PPS = [0x68, 0xce];
const SEI = [0x06, 0x05];
const IDR = [0x65, 0x88, 0x84];
const SLICE = [0x41, 0x9a];
const LONG = '00000001';
const SHORT = '000001';

function config(nalLengthSizeBytes: number): AvcConfig {
  return {
    profileIdc: 66,
    profileCompatibility: 0,
    levelIdc: 30,
    nalLengthSizeBytes,
    sequenceParameterSets: [Buffer.from(SPS)],
    pictureParameterSets: [Buffer.from(PPS)],
  };
}

function avcc(nalUnits: readonly (readonly number[])[], lengthSize = 4): Buffer {
  return Buffer.concat(
    nalUnits.map((nalUnit) => {
      const unit = Buffer.alloc(lengthSize + nalUnit.length);
      unit.writeUIntBE(nalUnit.length, 0, lengthSize);
      unit.set(nalUnit, lengthSize);
      return unit;
    }),
  );
}

function convert(data: Buffer, keyFrame: boolean, lengthSize = 4): string {
  const converter = new AnnexBConverter(config(lengthSize));
  const size = converter.measure(data, keyFrame);
  const target = Buffer.alloc(size + 2, 0xee);
  expect(size === 0 ? 1 : converter.write(target, 1)).toBe(size + 1);
  expect([target[0], target[size + 1]]).toEqual([0xee, 0xee]);
  return target.subarray(1, size + 1).toString('hex');
}

const hex = (...pieces: readonly (string | readonly number[])[]) =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString('hex'))).join('');

describe('an access unit', () => {
  it('of very many SEI is looked through once', () => {
    const size = new AnnexBConverter(config(1)).measure(avcc([...Array(300_000).fill(SEI), IDR], 1), true);
    expect(size).toBe(10 + 2 * 6 - 4 + 300_000 * 5 + 6);
  });

  it.each([1, 2, 3, 4])('of a plain picture, behind lengths of %d bytes', (lengthSize) => {
    expect(convert(avcc([SLICE], lengthSize), false, lengthSize)).toBe(hex(LONG, AUD, LONG, SLICE));
  });

  it.each<[string, number[][], boolean, string]>([
    ['an IDR picture', [IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR)],
    ['an IDR picture in slices', [IDR, IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR, SHORT, IDR)],
    ['an IDR picture nobody called a key frame', [IDR], false, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR)],
    ['a recovery point', [SEI, SLICE], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, SEI, SHORT, SLICE)],
    ['an IDR picture behind SEI', [SEI, IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, SEI, SHORT, IDR)],
    [
      'one with SEI, then sets',
      [SEI, SPS, PPS, IDR],
      true,
      hex(LONG, AUD, LONG, SEI, LONG, SPS, LONG, PPS, SHORT, IDR),
    ],
    ['a plain picture behind SEI', [SEI, SLICE], false, hex(LONG, AUD, LONG, SEI, SHORT, SLICE)],
    ['one with parameter sets', [SPS, PPS, IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR)],
    ['one with an SPS only', [SPS, IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR)],
    ['one with a PPS only', [PPS, IDR], true, hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, IDR)],
    [
      'one with everything',
      [AUD, SPS, PPS, SEI, IDR],
      true,
      hex(LONG, AUD, LONG, SPS, LONG, PPS, SHORT, SEI, SHORT, IDR),
    ],
    ['a picture with a delimiter behind SEI', [SEI, AUD, SLICE], false, hex(LONG, AUD, LONG, SEI, SHORT, SLICE)],
    ['a picture with delimiters', [AUD, AUD, SLICE, AUD], false, hex(LONG, AUD, SHORT, SLICE)],
    ['slices', [SLICE, SLICE], false, hex(LONG, AUD, LONG, SLICE, SHORT, SLICE)],
    ['empty NAL units', [[], SLICE, []], false, hex(LONG, AUD, LONG, SLICE)],
    ['nothing but empty NAL units', [[], []], true, ''],
    ['nothing', [], false, ''],
  ])('of %s', (_, nalUnits, keyFrame, expected) => {
    expect(convert(avcc(nalUnits), keyFrame)).toBe(expected);
  });

  it('keeps what is whole when the rest claims more bytes than there are', () => {
    const cutShort = avcc([SLICE, IDR]).subarray(0, -1);
    expect(convert(cutShort, false)).toBe(hex(LONG, AUD, LONG, SLICE));
    expect(convert(Buffer.from('ffffffff41', 'hex'), false)).toBe('');
  });

  it('leaves nothing behind for the next one', () => {
    const converter = new AnnexBConverter(config(4));
    converter.measure(avcc([AUD, SPS, PPS, SEI, IDR, IDR]), true);
    const target = Buffer.alloc(converter.measure(avcc([SLICE]), false));
    converter.write(target, 0);
    expect(target.toString('hex')).toBe(hex(LONG, AUD, LONG, SLICE));
  });
});

it('writes exactly as much as it measured, whatever the bytes', () => {
  const input = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 4 }), fc.boolean());
  fc.assert(
    fc.property(input, ([data, lengthSize, keyFrame]) => void convert(Buffer.from(data), keyFrame, lengthSize)),
  );
});

it('keeps every NAL unit that has bytes, in order', () => {
  const nalUnit = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => [0x06, ...bytes]);
  fc.assert(
    fc.property(
      fc.array(nalUnit, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (units, lengthSize) => {
        const expected = units.map((unit, index) => hex(index === 0 ? LONG : SHORT, unit)).join('');
        expect(convert(avcc(units, lengthSize), false, lengthSize)).toBe(hex(LONG, AUD) + expected);
      },
    ),
  );
});
