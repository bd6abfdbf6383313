import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AccessUnitAssembler,
  type CodedPicture,
  type VideoLack,
  type VideoMending,
} from '../../src/media/access-unit-assembler.ts';
import { splitAccessUnit, withLengths } from '../../src/media/access-units.ts';
import { avcConfigRecord, parseAvcConfig } from '../../src/media/codecs/avc.ts';
import { NAL, nalType } from '../../src/media/codecs/nal-unit.ts';
import { readClip } from '../recording/segmenter/clips.ts';

const AUD = Buffer.from([0x09, 0xf0]);
const SEI = Buffer.from([0x06, 0x05, 0x01, 0xaa, 0x80]);

/** A picture of a clip, as its NAL units. */
interface ClipPicture {
  readonly timestampMs: number;
  readonly keyFrame: boolean;
  readonly nalUnits: readonly Buffer[];
}

interface VideoClip {
  readonly record: Buffer;
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly pictures: readonly ClipPicture[];
}

function videoOf(name: string): VideoClip {
  const { videoConfig, frames } = readClip(name);
  const record = videoConfig ?? Buffer.alloc(0);
  const config = parseAvcConfig(record);
  const [sps = Buffer.alloc(0)] = config?.sequenceParameterSets ?? [];
  const [pps = Buffer.alloc(0)] = config?.pictureParameterSets ?? [];
  const pictures = frames.flatMap((frame) =>
    frame.kind === 'video'
      ? [{ timestampMs: frame.dtsMs, keyFrame: frame.keyFrame, nalUnits: splitAccessUnit(frame.data, 4) }]
      : [],
  );
  return { record, sps, pps, pictures };
}

const PLAIN = videoOf('h264-aac');
/** Three slices in each picture, B-frames. */
const SLICES = videoOf('h264-aac-b-frames-slices');
/** Delimiters, SPS and PPS in the stream. */
const IN_BAND = videoOf('h264-aac-320x180-inband-parameter-sets');
const OPEN_GOP = videoOf('h264-aac-open-gop');

function lengths(nalUnits: readonly Buffer[], lengthSizeBytes = 4): Buffer {
  return withLengths(nalUnits, lengthSizeBytes) ?? Buffer.alloc(0);
}

function byteStream(nalUnits: readonly Buffer[], startCode = [0, 0, 0, 1]): Buffer {
  return Buffer.concat(nalUnits.flatMap((nalUnit) => [Buffer.from(startCode), nalUnit]));
}

interface Given {
  readonly timestampMs: number;
  readonly keyFrame: boolean;
  readonly compositionMs: number;
  readonly data: Buffer;
  readonly nalUnits: readonly Buffer[];
}

function setUp() {
  const records: Buffer[] = [];
  const given: Given[] = [];
  const mended = new Set<VideoMending>();
  const dropped: VideoLack[] = [];
  let lengthSizeBytes = 4;
  const assembler = new AccessUnitAssembler({
    videoConfig(record) {
      lengthSizeBytes = parseAvcConfig(record)?.nalLengthSizeBytes ?? 0;
      records.push(Buffer.from(record));
    },
    picture({ keyFrame, compositionMs, data }, timestampMs) {
      // The memory of a message is used again.
      const copy = Buffer.from(data);
      given.push({ timestampMs, keyFrame, compositionMs, data, nalUnits: splitAccessUnit(copy, lengthSizeBytes) });
    },
    dropped: (lack) => dropped.push(lack),
    mended: (what) => mended.add(what),
  });
  const take = (data: Buffer, timestampMs: number, keyFrame = false, compositionMs = 0): CodedPicture => {
    const part = { keyFrame, compositionMs, data };
    assembler.take(part, timestampMs);
    return part;
  };
  return { assembler, take, records, given, mended, dropped };
}

/** An Exp-Golomb code. ITU-T H.264 clause 9.1. */
function golombBits(value: number): string {
  const bits = (value + 1).toString(2);
  return '0'.repeat(bits.length - 1) + bits;
}

function bytesOf(bits: string): Buffer {
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** A slice of an IDR picture that begins at a macroblock; the rest of it says nothing. */
function idrSlice(firstMacroblock: number, sizeBytes = 8): Buffer {
  return Buffer.concat([Buffer.from([0x65]), bytesOf(golombBits(firstMacroblock)), Buffer.alloc(sizeBytes, 0x55)]);
}

/** A parameter set with the id 1 in place of 0, which is the bit `1` at the start of a byte. */
function withIdOne(set: Buffer, idAt: number): Buffer {
  const bits = [...set.subarray(idAt)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return Buffer.concat([set.subarray(0, idAt), bytesOf(golombBits(1) + bits.slice(1))]);
}

const isSlice = (nalUnit: Buffer) => [1, 2, 5].includes(nalType(nalUnit[0]));
const typesOf = ({ nalUnits }: { readonly nalUnits: readonly Buffer[] }) => nalUnits.map(([header]) => nalType(header));
const slicesOf = (pictures: readonly { readonly nalUnits: readonly Buffer[] }[]) =>
  pictures.map(({ nalUnits }) =>
    nalUnits.filter(isSlice).map((nalUnit) => `${nalUnit.length} ${nalUnit.toString('hex').slice(-16)}`),
  );

function setsOf(records: readonly Buffer[]): readonly (readonly Buffer[])[] {
  return records.map((record) => {
    const config = parseAvcConfig(record);
    return [...(config?.sequenceParameterSets ?? []), ...(config?.pictureParameterSets ?? [])];
  });
}

/** The pictures are those of the clip; before the slices, in this order: one delimiter, parameter sets, SEI. */
function expectPictures(given: readonly Given[], pictures: readonly ClipPicture[]): void {
  expect(slicesOf(given)).toEqual(slicesOf(pictures));
  const place = (type: number) =>
    [[NAL.delimiter], [NAL.sps], [NAL.pps], [NAL.sei], [1, 2, 5]].findIndex((some) => some.includes(type as never));
  for (const picture of given) {
    const places = typesOf(picture)
      .map(place)
      .filter((each) => each >= 0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.filter((each) => each === 0).length).toBeLessThanOrEqual(1);
  }
}

describe('a usual stream', () => {
  it.each([
    ['with one slice in a picture', PLAIN],
    ['with three', SLICES],
    ['with open GOPs', OPEN_GOP],
  ])('%s passes through: the first picture when the second comes, the others at once and not copied', (_, clip) => {
    const { assembler, take, given, records, mended, dropped } = setUp();
    expect(assembler.configure(clip.record)).toBe(true);
    const sent = clip.pictures.map(({ nalUnits, timestampMs, keyFrame }, index) => {
      const { data } = take(lengths(nalUnits), timestampMs, keyFrame, 7);
      expect(given).toHaveLength(index === 0 ? 0 : index + 1);
      return data;
    });
    assembler.end();
    expect(given.every(({ data }, index) => data.equals(sent[index] ?? data))).toBe(true);
    expect(given.slice(1).every(({ data }, index) => data === sent[index + 1])).toBe(true);
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(clip.pictures.map(({ keyFrame }) => keyFrame));
    expect(given.map(({ timestampMs }) => timestampMs)).toEqual(clip.pictures.map(({ timestampMs }) => timestampMs));
    expect(given.every(({ compositionMs }) => compositionMs === 7)).toBe(true);
    expect(records).toEqual([clip.record]);
    expect([...mended, ...dropped]).toEqual([]);
  });

  it('of one picture is given at the end', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(PLAIN.record);
    take(lengths(PLAIN.pictures[0]?.nalUnits ?? []), 0, true);
    expect(assembler.heldTimestampMs).toBe(0);
    assembler.end();
    expect(assembler.heldTimestampMs).toBeUndefined();
    expect(given).toHaveLength(1);
  });
});

describe('NAL units in messages of their own', () => {
  it('come before the next picture, in their order, each once', () => {
    const { assembler, take, given, records, mended } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      for (const nalUnit of [SEI, PLAIN.pps, PLAIN.sps, AUD, PLAIN.sps, AUD]) take(lengths([nalUnit]), timestampMs);
      take(lengths(nalUnits.filter(isSlice)), timestampMs, keyFrame);
    }
    take(lengths([SEI]), 12_000, true);
    assembler.end();
    expectPictures(given, PLAIN.pictures);
    expect(given.every((picture) => typesOf(picture).slice(0, 4).join() === '9,7,8,6')).toBe(true);
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(PLAIN.pictures.map(({ keyFrame }) => keyFrame));
    expect(records).toEqual([PLAIN.record]);
    expect(mended.size).toBe(0);
  });

  it('are bounded', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(PLAIN.record);
    for (let count = 0; count < 10_000; count++) take(lengths([SEI]), 0);
    take(lengths([Buffer.concat([Buffer.from([0x06]), Buffer.alloc(200_000, 0x55)])]), 0);
    for (let count = 0; count < 10_000; count++) take(lengths([SEI]), 0);
    take(lengths(PLAIN.pictures[0]?.nalUnits ?? []), 0, true);
    assembler.end();
    expect(given).toHaveLength(1);
    expect(given[0]?.data.length).toBeLessThan(65_536 + lengths(PLAIN.pictures[0]?.nalUnits ?? []).length);
  });

  it('a delimiter within an access unit goes to its start', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      take(lengths([SEI, AUD, ...nalUnits.filter(isSlice)]), timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, PLAIN.pictures);
    expect(given.every((picture) => typesOf(picture)[0] === NAL.delimiter)).toBe(true);
  });
});

describe('slices in messages of their own', () => {
  it.each([0, 3])('are one picture when their times differ by %d ms', (apartMs) => {
    const { assembler, take, given, mended } = setUp();
    assembler.configure(SLICES.record);
    for (const { nalUnits, timestampMs, keyFrame } of SLICES.pictures) {
      nalUnits.forEach((nalUnit, index) => void take(lengths([nalUnit]), timestampMs + index * apartMs, keyFrame));
    }
    assembler.end();
    expectPictures(given, SLICES.pictures);
    expect(given.map(({ timestampMs }) => Math.round(timestampMs / 15))).toEqual(
      SLICES.pictures.map(({ timestampMs }) => Math.round(timestampMs / 15)),
    );
    expect([...mended]).toEqual(['split-picture']);
  });

  it('of some pictures only are found by their number', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(SLICES.record);
    SLICES.pictures.forEach(({ nalUnits, timestampMs, keyFrame }, index) => {
      const messages = index % 3 === 1 ? nalUnits.map((nalUnit) => [nalUnit]) : [nalUnits];
      for (const message of messages) take(lengths(message), timestampMs, keyFrame);
    });
    assembler.end();
    expectPictures(given, SLICES.pictures);
  });

  it('of different times are different pictures', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(SLICES.record);
    const [first] = SLICES.pictures;
    const slices = first?.nalUnits.filter(isSlice) ?? [];
    slices.forEach((slice, index) => void take(lengths([slice]), index * 40, true));
    assembler.end();
    expect(given.map(({ nalUnits }) => nalUnits.filter(isSlice).length)).toEqual([1, 1, 1]);
  });
});

describe('a picture', () => {
  it.each<[string, readonly Buffer[]]>([
    ['with more slices than a level allows', Array.from({ length: 1500 }, (_, index) => idrSlice(index))],
    ['of more than sixteen megabytes', Array.from({ length: 20 }, (_, index) => idrSlice(index, 1024 * 1024))],
  ])('%s is divided, so that its memory is bounded', (_, slices) => {
    const { assembler, take, given } = setUp();
    assembler.configure(PLAIN.record);
    for (const slice of slices) take(lengths([slice]), 0, true);
    assembler.end();
    expect(given).toHaveLength(2);
    expect(given.flatMap(({ nalUnits }) => nalUnits).length).toBe(slices.length);
    expect(given[0]?.nalUnits.length).toBeLessThanOrEqual(1024);
    expect(given[0]?.data.length).toBeLessThan(18 * 1024 * 1024);
  });

  it('of two fields in one message is one, where the sequence is interlaced', () => {
    // frame_mbs_only_flag is 0. ITU-T H.264 clause 7.3.2.1.1.
    const [id, frameNum, orderType, references, width, height] = [0, 0, 2, 1, 39, 11].map(golombBits);
    const bits = `${id}${frameNum}${orderType}${references}0${width}${height}001001`;
    const sps = Buffer.concat([Buffer.from([0x67, 66, 0, 30]), bytesOf(bits)]);
    const interlaced = avcConfigRecord([sps], [PLAIN.pps], 4) ?? Buffer.alloc(0);
    expect(parseAvcConfig(interlaced)?.picture).toMatchObject({ widthPx: 640, heightPx: 384, interlaced: true });
    for (const [record, pictures] of [
      [interlaced, 1],
      [PLAIN.record, 2],
    ] as const) {
      const { assembler, take, given } = setUp();
      assembler.configure(record);
      take(lengths([idrSlice(0), idrSlice(0)]), 0, true);
      assembler.end();
      expect(given).toHaveLength(pictures);
    }
  });
});

describe('a sequence header', () => {
  it('that is missing is made of the parameter sets in the stream', () => {
    const { assembler, take, given, records, mended, dropped } = setUp();
    const [beforeKeyFrame, ...others] = PLAIN.pictures.slice(3);
    take(lengths(beforeKeyFrame?.nalUnits ?? []), 0);
    for (const { nalUnits, timestampMs, keyFrame } of others) {
      take(lengths(keyFrame ? [PLAIN.sps, PLAIN.pps, ...nalUnits] : nalUnits), timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, others.slice(others.findIndex(({ keyFrame }) => keyFrame)));
    expect(records.map((record) => parseAvcConfig(record))).toEqual([
      expect.objectContaining({
        nalLengthSizeBytes: 4,
        sequenceParameterSets: [PLAIN.sps],
        pictureParameterSets: [PLAIN.pps],
        picture: expect.objectContaining({ widthPx: 640, heightPx: 360 }),
      }),
    ]);
    expect([...mended]).toEqual(['sequence-header']);
    expect(new Set(dropped)).toEqual(new Set(['parameter-sets']));
  });

  it.each<[string, Buffer]>([
    ['is a byte stream', byteStream([PLAIN.sps, PLAIN.pps])],
    ['is NAL units behind lengths', lengths([PLAIN.sps, PLAIN.pps])],
  ])('that %s is made a record', (_, body) => {
    const { assembler, records, mended } = setUp();
    expect(assembler.configure(body)).toBe(true);
    expect(parseAvcConfig(records[0] ?? body)).toMatchObject({ picture: { widthPx: 640 } });
    expect([...mended]).toEqual(['sequence-header']);
  });

  it.each<[string, Buffer]>([
    ['has no parameter sets', Buffer.from([1, 66, 0xc0, 30, 0xff, 0xe0, 0])],
    ['is cut short', PLAIN.record.subarray(0, 12)],
    ['is nonsense', Buffer.from('nonsense')],
    ['is empty', Buffer.alloc(0)],
  ])('that %s is mended by the stream', (_, body) => {
    const { assembler, take, given, records, mended } = setUp();
    expect(assembler.configure(body)).toBe(false);
    for (const { nalUnits, timestampMs, keyFrame } of IN_BAND.pictures) take(lengths(nalUnits), timestampMs, keyFrame);
    assembler.end();
    expectPictures(given, IN_BAND.pictures);
    expect(records).toHaveLength(1);
    expect([...mended]).toEqual(['sequence-header']);
  });

  it.each<[string, Buffer[], Buffer[], number]>([
    ['an SPS only is completed by the PPS in the stream', [IN_BAND.sps], [], NAL.sps],
    ['a PPS only is completed by the SPS in the stream', [], [IN_BAND.pps], NAL.pps],
  ])('that has %s', (_, sps, pps, kind) => {
    const { assembler, take, given, records, mended, dropped } = setUp();
    const sized = (sets: Buffer[]) => [
      sets.length,
      ...sets.flatMap((set) => [set.length >> 8, set.length & 0xff, ...set]),
    ];
    expect(assembler.configure(Buffer.from([1, 100, 0, 30, 0xff, ...sized(sps), ...sized(pps)]))).toBe(true);
    for (const { nalUnits, timestampMs, keyFrame } of IN_BAND.pictures) {
      take(lengths(nalUnits.filter(([header]) => nalType(header) !== kind)), timestampMs, keyFrame);
    }
    assembler.end();
    expect(slicesOf(given)).toEqual(slicesOf(IN_BAND.pictures));
    expect(records.map((record) => parseAvcConfig(record)?.picture?.widthPx)).toEqual([320]);
    expect([[...mended], dropped]).toEqual([['sequence-header'], []]);
  });

  it('that says something else than the key frames do, again and again, makes one configuration', () => {
    const { assembler, take, given, records } = setUp();
    for (const { nalUnits, timestampMs, keyFrame } of IN_BAND.pictures) {
      if (keyFrame) assembler.configure(PLAIN.record);
      take(lengths(nalUnits), timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, IN_BAND.pictures);
    expect(records.map((record) => parseAvcConfig(record)?.picture?.widthPx)).toEqual([640, 320]);
  });

  it('that comes again, be it after the same sets in the stream, changes nothing', () => {
    const { assembler, take, records } = setUp();
    for (const { nalUnits, timestampMs, keyFrame } of IN_BAND.pictures) {
      take(lengths(nalUnits), timestampMs, keyFrame);
      assembler.configure(IN_BAND.record);
    }
    expect(records).toHaveLength(1);
  });

  it('that does not come with new parameter sets is replaced at the key frame', () => {
    const { assembler, take, given, records, mended } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) take(lengths(nalUnits), timestampMs, keyFrame);
    for (const { nalUnits, timestampMs, keyFrame } of IN_BAND.pictures) {
      take(lengths(nalUnits), 12_000 + timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, [...PLAIN.pictures, ...IN_BAND.pictures]);
    expect(records.map((record) => parseAvcConfig(record)?.picture?.widthPx)).toEqual([640, 320]);
    expect(mended.size).toBe(0);
  });
});

describe('parameter sets of other ids', () => {
  it('replace all that were before, where they come with a key frame', () => {
    const { assembler, take, records } = setUp();
    assembler.configure(PLAIN.record);
    const others = [withIdOne(PLAIN.sps, 4), withIdOne(PLAIN.pps, 1)];
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      take(lengths(keyFrame && timestampMs > 0 ? [...others, ...nalUnits] : nalUnits), timestampMs, keyFrame);
    }
    assembler.end();
    expect(setsOf(records)).toEqual([[PLAIN.sps, PLAIN.pps], others]);
  });
});

describe('framing', () => {
  it.each([
    ['start codes of four bytes', [0, 0, 0, 1]],
    ['start codes of three bytes', [0, 0, 1]],
    ['start codes with zeros before them', [0, 0, 0, 0, 0, 0, 1]],
  ])('by %s becomes lengths', (_, startCode) => {
    for (const header of [PLAIN.record, undefined]) {
      const { assembler, take, given, mended } = setUp();
      if (header) assembler.configure(header);
      for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
        const all = keyFrame ? [AUD, PLAIN.sps, PLAIN.pps, ...nalUnits] : [AUD, ...nalUnits];
        take(Buffer.concat([byteStream(all, startCode), Buffer.alloc(2)]), timestampMs, keyFrame);
      }
      assembler.end();
      expectPictures(given, PLAIN.pictures);
      expect(mended).toContain('annex-b');
    }
  });

  it.each([1, 2, 4])('by lengths of %d bytes is read, whatever the sequence header says', (lengthSizeBytes) => {
    const small = PLAIN.pictures.map(({ nalUnits, timestampMs, keyFrame }) => ({
      timestampMs,
      keyFrame,
      nalUnits: nalUnits.filter(isSlice).map((slice) => slice.subarray(0, lengthSizeBytes === 1 ? 250 : 65_000)),
    }));
    for (const said of [1, 2, 4]) {
      const { assembler, take, given, mended } = setUp();
      const record = Buffer.from(PLAIN.record);
      record[4] = 0xfc | (said - 1);
      assembler.configure(record);
      for (const { nalUnits, timestampMs, keyFrame } of small) {
        take(lengths(nalUnits, lengthSizeBytes), timestampMs, keyFrame);
      }
      assembler.end();
      expectPictures(given, small);
      expect([...mended]).toEqual(said === lengthSizeBytes ? [] : ['length-size']);
    }
  });

  it('by one length for all, with start codes within it, is divided', () => {
    const { assembler, take, given, mended } = setUp();
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      const [first, ...rest] = keyFrame ? [PLAIN.sps, PLAIN.pps, ...nalUnits] : [AUD, ...nalUnits];
      take(lengths([Buffer.concat([first ?? AUD, byteStream(rest)])]), timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, PLAIN.pictures);
    expect(mended).toContain('annex-b');
  });

  it.each([1, 256, 300, 511])('by a length of %d is not taken for a start code', (sizeBytes) => {
    const { assembler, take, given, mended } = setUp();
    assembler.configure(PLAIN.record);
    const sei = Buffer.concat([Buffer.from([NAL.sei]), Buffer.alloc(sizeBytes - 1, 0x55)]);
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      take(lengths([sei, ...nalUnits.filter(isSlice)]), timestampMs, keyFrame);
    }
    assembler.end();
    expectPictures(given, PLAIN.pictures);
    expect(given.every(({ nalUnits }) => nalUnits[0]?.equals(sei))).toBe(true);
    expect(mended.size).toBe(0);
  });
});

describe('a key frame', () => {
  it('is an IDR picture, whatever its frame type', () => {
    const { assembler, take, given, mended } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs } of PLAIN.pictures) take(lengths(nalUnits), timestampMs);
    assembler.end();
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(PLAIN.pictures.map(({ keyFrame }) => keyFrame));
    expect([...mended]).toEqual(['key-frame-flag']);
  });

  it('is not a picture of P slices that is marked as one, among IDR pictures', () => {
    const { assembler, take, given, mended } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs } of PLAIN.pictures) take(lengths(nalUnits), timestampMs, true);
    assembler.end();
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(PLAIN.pictures.map(({ keyFrame }) => keyFrame));
    expect([...mended]).toEqual(['key-frame-flag']);
  });

  it('is what is marked as one where groups of pictures are open', () => {
    const { assembler, take, given, mended } = setUp();
    assembler.configure(OPEN_GOP.record);
    for (const { nalUnits, timestampMs, keyFrame } of OPEN_GOP.pictures) take(lengths(nalUnits), timestampMs, keyFrame);
    assembler.end();
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(OPEN_GOP.pictures.map(({ keyFrame }) => keyFrame));
    expect(given.filter(({ keyFrame }) => keyFrame).length).toBeGreaterThan(1);
    expect([...mended]).toEqual([]);
  });

  it('is needed to begin', () => {
    const { assembler, take, given, dropped } = setUp();
    assembler.configure(OPEN_GOP.record);
    for (const { nalUnits, timestampMs } of OPEN_GOP.pictures.slice(1)) take(lengths(nalUnits), timestampMs);
    assembler.end();
    expect(given).toEqual([]);
    expect(new Set(dropped)).toEqual(new Set(['key-frame']));
  });

  it('is not what holds parameter sets only', () => {
    const { assembler, take, given } = setUp();
    assembler.configure(PLAIN.record);
    for (const { nalUnits, timestampMs, keyFrame } of PLAIN.pictures) {
      if (!keyFrame) take(lengths([PLAIN.sps, PLAIN.pps]), timestampMs, true);
      take(lengths(nalUnits), timestampMs, keyFrame);
    }
    assembler.end();
    expect(given.map(({ keyFrame }) => keyFrame)).toEqual(PLAIN.pictures.map(({ keyFrame }) => keyFrame));
  });
});

/** Divides a list into messages: each number is the size of the next one. */
function divide(nalUnits: readonly Buffer[], sizes: readonly number[]): readonly (readonly Buffer[])[] {
  const messages: (readonly Buffer[])[] = [];
  let at = 0;
  for (let index = 0; at < nalUnits.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    messages.push(nalUnits.slice(at, at + size));
    at += size;
  }
  return messages;
}

const framings = [
  (nalUnits: readonly Buffer[]) => lengths(nalUnits),
  (nalUnits: readonly Buffer[]) => byteStream(nalUnits),
  (nalUnits: readonly Buffer[]) => byteStream(nalUnits, [0, 0, 1]),
  (nalUnits: readonly Buffer[]) => lengths(nalUnits, nalUnits.some(({ length }) => length > 65_535) ? 4 : 2),
] as const;

describe('any stream', () => {
  it.each([
    ['one slice', PLAIN],
    ['delimiters and parameter sets', IN_BAND],
    ['open GOPs', OPEN_GOP],
  ])('with %s, however divided, framed and flagged, has the pictures of the clip', (_, clip) => {
    const pictures = clip.pictures.slice(0, 60);
    const extras = fc.subarray([AUD, clip.sps, clip.pps, SEI, Buffer.from([NAL.filler, 0xff, 0x80])], { minLength: 0 });
    const streams = fc.record({
      extras: fc.array(
        extras.chain((some) => fc.shuffledSubarray(some, { minLength: some.length })),
        { minLength: 1, maxLength: 7 },
      ),
      sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
      framing: fc.array(fc.integer({ min: 0, max: framings.length - 1 }), { minLength: 1, maxLength: 5 }),
      flags: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
      hasHeader: fc.boolean(),
    });
    fc.assert(
      fc.property(streams, ({ extras, sizes, framing, flags, hasHeader }) => {
        const { assembler, take, given } = setUp();
        if (hasHeader) assembler.configure(clip.record);
        // The first key frame must be decodable without a header.
        const nalUnits = pictures.flatMap((picture, index) => [
          ...(index === 0 ? [clip.sps, clip.pps] : []),
          ...(extras[index % extras.length] ?? []),
          ...picture.nalUnits.filter((nalUnit) => nalType(nalUnit[0]) !== NAL.filler),
        ]);
        divide(nalUnits, sizes).forEach((message, index) => {
          const frame = framings[framing[index % framing.length] ?? 0] ?? lengths;
          take(frame(message), index * 40, flags[index % flags.length]);
        });
        assembler.end();
        expectPictures(given, pictures);
      }),
      { numRuns: 100 },
    );
  });

  it('with several slices, however divided from its first picture on, has the pictures of the clip', () => {
    const pictures = SLICES.pictures.slice(0, 40);
    const sizes = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }), (sizes, framing) => {
        const { assembler, take, given } = setUp();
        assembler.configure(SLICES.record);
        let index = 0;
        for (const { nalUnits, timestampMs } of pictures) {
          for (const message of divide(nalUnits, sizes)) {
            take((framings[framing[index++ % framing.length] ?? 0] ?? lengths)(message), timestampMs);
          }
        }
        assembler.end();
        expectPictures(given, pictures);
      }),
      { numRuns: 100 },
    );
  });

  it('of any bytes throws nothing, and gives no access unit without a picture', () => {
    const start = fc.constantFrom('', '000001', '00000001', '0000000161', '000000026588', '0000000267', '0000000368ce');
    const bytes = fc
      .tuple(start, fc.uint8Array({ maxLength: 40 }))
      .map(([hex, rest]) => Buffer.concat([Buffer.from(hex, 'hex'), rest]));
    const step = fc.record({ isHeader: fc.boolean(), bytes, keyFrame: fc.boolean(), timestampMs: fc.nat(2 ** 32 - 1) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, hasHeader) => {
        const { assembler, take, given } = setUp();
        if (hasHeader) assembler.configure(PLAIN.record);
        for (const { isHeader, bytes, keyFrame, timestampMs } of steps) {
          if (isHeader) assembler.configure(bytes);
          else take(bytes, timestampMs, keyFrame);
        }
        assembler.end();
        expect(given.every(({ nalUnits }) => nalUnits.some(isSlice))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
