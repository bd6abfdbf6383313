import { describe, expect, it } from 'vitest';
import { parameterSetInserter, withoutDebris } from '../../src/media/access-units.ts';
import type { AvcConfig } from '../../src/media/codecs/avc.ts';

const AUD = [0x09, 0xf0];
const SPS = [0x67, 0x42];
const PPS = [0x68, 0xce];
const SEI = [0x06, 0x05];
const IDR = [0x65, 0x88, 0x84];
const SLICE = [0x41, 0x9a];

function config(nalLengthSizeBytes: number, sps: readonly number[] = SPS): AvcConfig {
  return {
    profileIdc: 66,
    profileCompatibility: 0,
    levelIdc: 30,
    nalLengthSizeBytes,
    sequenceParameterSets: [Buffer.from(sps)],
    pictureParameterSets: [Buffer.from(PPS)],
  };
}

function avcc(nalUnits: readonly (readonly number[])[], lengthSize: number): Buffer {
  const length = (size: number) =>
    Array.from({ length: lengthSize }, (_, index) => (index === lengthSize - 1 ? size : 0));
  return Buffer.from(nalUnits.flatMap((nalUnit) => [...length(nalUnit.length), ...nalUnit]));
}

describe('parameterSetInserter', () => {
  it.each<[string, number[][], number[][]]>([
    ['an IDR picture', [IDR, IDR], [SPS, PPS, IDR, IDR]],
    ['a recovery point, in front of its SEI', [SEI, SLICE], [SPS, PPS, SEI, SLICE]],
    ['one with a delimiter, behind it', [AUD, SEI, IDR], [AUD, SPS, PPS, SEI, IDR]],
    ['one with sets of its own', [AUD, SPS, PPS, IDR], [AUD, SPS, PPS, IDR]],
    ['one with sets of its own behind SEI', [SEI, SPS, PPS, IDR], [SEI, SPS, PPS, IDR]],
    ['one with a PPS of its own', [AUD, PPS, SEI, IDR], [AUD, SPS, PPS, SEI, IDR]],
    ['one with an SPS of its own', [AUD, SPS, SEI, IDR], [AUD, SPS, PPS, SEI, IDR]],
    ['one with an empty NAL unit, which is left out', [[], IDR], [SPS, PPS, IDR]],
    ['what holds no picture', [SEI, []], [SEI, []]],
    ['nothing', [], []],
  ])('completes %s', (_, nalUnits, expected) => {
    for (const lengthSize of [1, 2, 3, 4]) {
      const complete = parameterSetInserter(config(lengthSize));
      expect(complete(avcc(nalUnits, lengthSize))).toEqual(avcc(expected, lengthSize));
    }
  });

  it('leaves alone what is cut short, and sets too long for the lengths', () => {
    const cutShort = Buffer.from([0, 0, 0, 9, 0x06]);
    expect(parameterSetInserter(config(4))(cutShort)).toBe(cutShort);
    const plain = avcc([IDR], 1);
    expect(parameterSetInserter(config(1, Array(256).fill(0x67)))(plain)).toBe(plain);
  });
});

describe('withoutDebris', () => {
  it.each<[string, string, string | undefined]>([
    ['what is in order', '000000014100000002 6588', '0000000141000000026588'],
    ['empty NAL units', '00000000 0000000141 00000000', '0000000141'],
    ['a last one that is cut short', '0000000141 00ffffff65', '0000000141'],
    ['a last length without a NAL unit', '0000000141 0000', '0000000141'],
    ['delimiters that are not first', '0000000209f0 0000000141 0000000209f0 0000000209f0', '0000000209f00000000141'],
    ['a delimiter behind another NAL unit', '000000020605 0000000209f0 0000000141', '0000000206050000000141'],
    ['nothing but that', '00000000 00ffffff65', undefined],
    ['nothing', '', undefined],
  ])('of %s', (_, hex, expected) => {
    const data = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(withoutDebris(data, 4)?.toString('hex')).toBe(expected);
  });

  it('copies nothing where nothing is left out', () => {
    const data = avcc([SEI, IDR], 2);
    expect(withoutDebris(data, 2)).toBe(data);
  });
});
