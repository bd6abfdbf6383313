import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avcConfigRecord, parseAvcConfig } from '../../../src/media/codecs/avc.ts';
import { parseSequenceParameterSet } from '../../../src/media/codecs/sps.ts';
import { readClip } from '../../recording/segmenter/clips.ts';

/** Writes the fields of a parameter set as ITU-T H.264 clause 7.3.2.1.1 lists them. */
class BitWriter {
  #bits = '';

  u(count: number, value: number): this {
    this.#bits += value.toString(2).padStart(count, '0');
    return this;
  }

  ue(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2);
      this.#bits += '0'.repeat(code.length - 1) + code;
    }
    return this;
  }

  /** Ends with the stop bit; emulation prevention bytes are added as clause 7.4.1.1 says. */
  nalUnit(): Buffer {
    const padded = `${this.#bits}1`.padEnd(Math.ceil((this.#bits.length + 1) / 8) * 8, '0');
    const bytes = [0x67];
    for (let at = 0; at < padded.length; at += 8) {
      const byte = Number.parseInt(padded.slice(at, at + 8), 2);
      if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
      bytes.push(byte);
    }
    return Buffer.from(bytes);
  }
}

/** Baseline up to the picture size: profile, constraints, level, id, frame number, order type 2, references, gaps. */
function baseline(): BitWriter {
  return new BitWriter().u(8, 66).u(8, 0xc0).u(8, 30).ue(0, 0, 2, 1).u(1, 0);
}

describe('sequence parameter set', () => {
  it('of 1080p: cropped from 1088 lines', () => {
    const sps = baseline().ue(119, 67).u(1, 1).u(1, 1).u(1, 1).ue(0, 0, 0, 4).u(1, 0).nalUnit();
    expect(parseSequenceParameterSet(sps)).toEqual({
      profileIdc: 66,
      constraintFlags: 0xc0,
      levelIdc: 30,
      widthPx: 1920,
      heightPx: 1080,
      interlaced: false,
    });
  });

  it('of 1080i: fields are half as high, and crop twice as much', () => {
    const sps = baseline().ue(119, 33).u(1, 0).u(1, 1).u(1, 1).u(1, 1).ue(0, 0, 0, 2).u(1, 0).nalUnit();
    expect(parseSequenceParameterSet(sps)).toMatchObject({ widthPx: 1920, heightPx: 1080, interlaced: true });
  });

  it('of a high profile with scaling lists', () => {
    const head = new BitWriter().u(8, 100).u(8, 0).u(8, 31).ue(0, 1, 0, 0).u(1, 0).u(1, 1);
    // List 0 is default at once (delta -8, coded 16); list 6 has 64 equal scales (delta 0); the others are absent.
    head.u(1, 1).ue(16).u(5, 0).u(1, 1);
    for (let scale = 0; scale < 64; scale++) head.ue(0);
    const sps = head.u(1, 0).ue(0, 2, 4).u(1, 0).ue(79, 44).u(1, 1).u(1, 1).u(1, 0).u(1, 0).nalUnit();
    expect(parseSequenceParameterSet(sps)).toMatchObject({ profileIdc: 100, widthPx: 1280, heightPx: 720 });
  });

  it('of 4:4:4 crops by single samples', () => {
    const head = new BitWriter()
      .u(8, 244)
      .u(8, 0)
      .u(8, 31)
      .ue(0, 3)
      .u(1, 0)
      .ue(0, 0)
      .u(1, 0)
      .u(1, 0)
      .ue(0, 2, 4)
      .u(1, 0);
    const sps = head.ue(79, 44).u(1, 1).u(1, 1).u(1, 1).ue(1, 0, 0, 1).u(1, 0).nalUnit();
    expect(parseSequenceParameterSet(sps)).toMatchObject({ widthPx: 1279, heightPx: 719 });
  });

  it('with picture order type 1 and a cycle of offsets', () => {
    const head = new BitWriter().u(8, 77).u(8, 0).u(8, 30).ue(0, 0, 1).u(1, 0).ue(3, 4, 2, 5, 6, 1).u(1, 0);
    const sps = head.ue(39, 29).u(1, 1).u(1, 1).u(1, 0).u(1, 0).nalUnit();
    expect(parseSequenceParameterSet(sps)).toMatchObject({ widthPx: 640, heightPx: 480 });
  });

  it('with every optional part of the VUI before the timing information', () => {
    const head = baseline().ue(39, 29).u(1, 1).u(1, 1).u(1, 0).u(1, 1);
    head.u(1, 1).u(8, 255).u(16, 4).u(16, 3).u(1, 1).u(1, 1).u(1, 1).u(4, 10).u(1, 1).u(24, 0x010101).u(1, 1).ue(0, 0);
    const sps = head.u(1, 1).u(32, 1001).u(32, 60_000).u(1, 1).nalUnit();
    expect(parseSequenceParameterSet(sps)?.frameRate).toBeCloseTo(29.97);
  });

  it.each([
    ['no time scale', 1001, 0],
    ['no units', 0, 60_000],
  ])('has no frame rate with %s', (_, unitsInTick, timeScale) => {
    const head = baseline().ue(39, 29).u(1, 1).u(1, 1).u(1, 0).u(1, 1).u(4, 0);
    const sps = head.u(1, 1).u(32, unitsInTick).u(32, timeScale).u(1, 1).nalUnit();
    expect(parseSequenceParameterSet(sps)).toMatchObject({ widthPx: 640, heightPx: 480 });
    expect(parseSequenceParameterSet(sps)).not.toHaveProperty('frameRate');
  });

  it.each([
    ['another NAL unit', Buffer.from([0x68, 1, 2, 3])],
    ['nothing', Buffer.alloc(0)],
    ['one that is cut short', baseline().ue(119).nalUnit().subarray(0, 6)],
    ['a picture of a million pixels a side', baseline().ue(70_000, 70_000).u(1, 1).u(1, 1).u(1, 0).u(1, 0).nalUnit()],
    ['cropping to nothing', baseline().ue(0, 0).u(1, 1).u(1, 1).u(1, 1).ue(4, 4, 0, 0).u(1, 0).nalUnit()],
  ])('is not %s', (_, nalUnit) => {
    expect(parseSequenceParameterSet(nalUnit)).toBeUndefined();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const sps = parseSequenceParameterSet(Buffer.from([0x67, ...bytes]));
        if (!sps) return true;
        const { widthPx, heightPx, frameRate = 1 } = sps;
        return [widthPx, heightPx].every((px) => px > 0 && px <= 16_880) && frameRate > 0 && Number.isFinite(frameRate);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('AVCDecoderConfigurationRecord', () => {
  it('of a clip made by x264', () => {
    const config = parseAvcConfig(readClip('h264-aac-b-frames-slices').videoConfig ?? Buffer.alloc(0));
    expect(config).toMatchObject({
      profileIdc: 100,
      profileCompatibility: 0,
      levelIdc: 30,
      nalLengthSizeBytes: 4,
      picture: { profileIdc: 100, levelIdc: 30, widthPx: 640, heightPx: 360, frameRate: 30 },
    });
    expect(config?.sequenceParameterSets.map((sps) => sps[0])).toEqual([0x67]);
    expect(config?.pictureParameterSets.map((pps) => pps[0])).toEqual([0x68]);
  });

  it('without parameter sets says nothing of the picture', () => {
    expect(parseAvcConfig(Buffer.from([1, 66, 0xc0, 30, 0xfe, 0xe0, 0]))).toEqual({
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 30,
      nalLengthSizeBytes: 3,
      sequenceParameterSets: [],
      pictureParameterSets: [],
    });
  });

  it('leaves out empty parameter sets', () => {
    const record = Buffer.from([1, 66, 0, 30, 0xff, 0xe2, 0, 0, 0, 1, 0x67, 1, 0, 1, 0x68]);
    const config = parseAvcConfig(record);
    expect(config?.sequenceParameterSets).toEqual([Buffer.from([0x67])]);
    expect(config?.pictureParameterSets).toEqual([Buffer.from([0x68])]);
  });

  it('is not one when it is cut short anywhere', () => {
    const record = readClip('h264-aac').videoConfig ?? Buffer.alloc(0);
    const config = parseAvcConfig(record);
    const trailer = 4; // chroma format, bit depths and SPS extensions of the high profiles, which are not used here
    for (let size = 0; size < record.length - trailer; size++)
      expect(parseAvcConfig(record.subarray(0, size))).toBe(undefined);
    expect(parseAvcConfig(record.subarray(0, record.length - trailer))).toEqual(config);
  });

  it('is not one when its sets are absurdly large: they are written before every key frame', () => {
    const { sequenceParameterSets: sps = [], pictureParameterSets: pps = [] } =
      parseAvcConfig(readClip('h264-aac').videoConfig ?? Buffer.alloc(0)) ?? {};
    const large = [1, 2].map((fill) => Buffer.alloc(0x8000, fill));
    expect(avcConfigRecord(sps, [...pps, ...large.slice(1)], 4)).toBeDefined();
    expect(avcConfigRecord(sps, [...pps, ...large], 4)).toBeUndefined();
    const record = avcConfigRecord(sps, pps, 4) ?? Buffer.alloc(0);
    expect(parseAvcConfig(record)).toBeDefined();
    expect(parseAvcConfig(Buffer.concat([record, ...large]))).toBeUndefined();
  });

  it('is not one of another version', () => {
    expect(parseAvcConfig(Buffer.from([0, 66, 0xc0, 30, 0xfe, 0xe0, 0]))).toBeUndefined();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const record = Buffer.from([1, ...bytes]);
        const config = parseAvcConfig(record);
        const sets = [...(config?.sequenceParameterSets ?? []), ...(config?.pictureParameterSets ?? [])];
        return sets.every((set) => set.length > 0 && set.length < record.length);
      }),
      { numRuns: 1000 },
    );
  });
});
