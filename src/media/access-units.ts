/**
 * Access units of H.264 as they arrive: NAL units, each after its length (ISO/IEC 14496-15 clause 5.2). The muxer in
 * process accepts wrong lengths; ffmpeg exits on one, so its input is corrected here first.
 */
import type { AvcConfig } from './codecs/avc.ts';
import { isNalHeader, NAL, nalType } from './codecs/nal-unit.ts';

/**
 * What an access unit consists of, as one number, because the usual one must not cost an object: these flags, and the
 * number of its slices from bit `sliceCountShift` on.
 */
export const CONTENT = {
  idr: 0x01,
  sps: 0x02,
  pps: 0x04,
  sei: 0x08,
  /** The lengths do not fit the data, or a NAL unit is empty or of no type that H.264 specifies. */
  misframed: 0x10,
  /** NAL units before the slices are not in their order, or some are there that belong behind them. */
  disordered: 0x20,
  /** The first slice is not the first one of a picture. */
  continuation: 0x40,
  /** A NAL unit that begins the next picture comes after a slice. Between two fields it need not begin one. */
  severalPictures: 0x80,
  sliceCountShift: 8,
} as const;

/** The end of the NAL unit at `start`, from the length before it; more than `data.length` when bytes are missing. */
export function nalUnitEnd(data: Buffer, start: number, lengthSizeBytes: number): number {
  let length = 0;
  for (let at = start - lengthSizeBytes; at < start; at++) length = length * 256 + (data[at] ?? 0);
  return start + length;
}

/** Whether there can be a NAL unit between `start` and `end`, as the length before it says. */
export function isNalUnit(data: Buffer, start: number, end: number): boolean {
  return end > start && end <= data.length && isNalHeader(data[start]);
}

/** Walks over the NAL unit headers of an access unit. */
export function accessUnitContent(data: Buffer, lengthSizeBytes: number): number {
  let content = 0;
  let end = 0;
  while (end < data.length) {
    const isFirst = end === 0;
    const start = end + lengthSizeBytes;
    end = nalUnitEnd(data, start, lengthSizeBytes);
    if (!isNalUnit(data, start, end)) return content | CONTENT.misframed;
    content = withNalUnit(content, nalType(data[start]), isFirst, startsPicture(data[start + 1]));
  }
  return content;
}

/** `byte` comes after the header of a slice: first_mb_in_slice is 0 when its first bit is 1. ITU-T H.264 clause 7.3.3. */
function startsPicture(byte = 0): boolean {
  return byte >= 0x80;
}

/** With a NAL unit that comes before the slices of its picture. */
function ordered(content: number, hasSlice: boolean, isInOrder: boolean): number {
  if (hasSlice) return content | CONTENT.severalPictures;
  return isInOrder ? content : content | CONTENT.disordered;
}

function withNalUnit(content: number, type: number, isFirst: boolean, isPictureStart: boolean): number {
  const hasSlice = content >= 1 << CONTENT.sliceCountShift;
  switch (type) {
    case NAL.slice:
    case NAL.slicePartitionA:
    case NAL.idrSlice: {
      const counted = content + (1 << CONTENT.sliceCountShift);
      const withType = type === NAL.idrSlice ? counted | CONTENT.idr : counted;
      if (hasSlice) return isPictureStart ? withType | CONTENT.severalPictures : withType;
      return isPictureStart ? withType : withType | CONTENT.continuation;
    }
    case NAL.sps:
      return ordered(content | CONTENT.sps, hasSlice, (content & (CONTENT.pps | CONTENT.sei)) === 0);
    case NAL.pps:
      return ordered(content | CONTENT.pps, hasSlice, (content & CONTENT.sei) === 0);
    case NAL.sei:
      return ordered(content | CONTENT.sei, hasSlice, true);
    case NAL.spsExtension:
    case NAL.subsetSps:
      return ordered(content, hasSlice, true);
    case NAL.delimiter:
      return ordered(content, hasSlice, isFirst);
    case NAL.filler:
    case NAL.endOfSequence:
    case NAL.endOfStream:
      return hasSlice ? content : content | CONTENT.disordered;
    default:
      return content;
  }
}

/**
 * Returns a function that inserts the parameter sets of the stream at the start of a key frame, after the access unit
 * delimiter if there is one. When it has sets of one kind only, those of the other kind are inserted: an SPS before, a PPS
 * behind them. Key frames with sets of both kinds, and data without a picture, are returned unchanged; of others the empty
 * NAL units are left out.
 *
 * It is for ffmpeg, whose h264_mp4toannexb (5.1) inserts them after SEI that may refer to them, and for IDR pictures
 * only: a fragment that begins with a recovery point could not be decoded alone.
 */
export function parameterSetInserter(config: AvcConfig): (data: Buffer) => Buffer {
  const { nalLengthSizeBytes, sequenceParameterSets, pictureParameterSets } = config;
  return (data) => {
    const nalUnits = splitAccessUnit(data, nalLengthSizeBytes);
    const types = nalUnits.map(([header]) => nalType(header));
    const picture = types.findIndex((type) => type === NAL.idrSlice || type === NAL.slice);
    const before = types.slice(0, Math.max(0, picture));
    const lastSps = before.lastIndexOf(NAL.sps);
    const hasPps = before.includes(NAL.pps);
    if (picture < 0 || (lastSps >= 0 && hasPps)) return data;
    const missing = [...(lastSps < 0 ? sequenceParameterSets : []), ...(hasPps ? [] : pictureParameterSets)];
    const at = lastSps < 0 && types[0] === NAL.delimiter ? 1 : lastSps + 1;
    return withLengths(nalUnits.toSpliced(at, 0, ...missing), nalLengthSizeBytes) ?? data;
  };
}

/** Whether the next slice has no parameter set before it. `at` is the position of the length of a NAL unit. */
export function comesWithoutParameterSets(data: Buffer, at: number, lengthSizeBytes: number): boolean {
  for (let position = at; position + lengthSizeBytes < data.length; ) {
    const start = position + lengthSizeBytes;
    position = nalUnitEnd(data, start, lengthSizeBytes);
    if (position === start) continue;
    const type = nalType(data[start]);
    if (type === NAL.sps || type === NAL.pps) return false;
    if (type === NAL.idrSlice || type === NAL.slice) return true;
  }
  return false;
}

/**
 * Leaves out empty NAL units, delimiters that are not the first NAL unit (ITU-T H.264 clause 7.4.1.2.3), and a last NAL
 * unit whose length is more than the bytes that are left. Returns `data` itself if there is nothing to leave out, and
 * undefined if nothing is left.
 */
export function withoutDebris(data: Buffer, lengthSizeBytes: number): Buffer | undefined {
  const nalUnits = splitAccessUnit(data, lengthSizeBytes).filter(
    (nalUnit, index) => index === 0 || nalType(nalUnit[0]) !== NAL.delimiter,
  );
  if (nalUnits.length === 0) return undefined;
  const keptSizeBytes = nalUnits.reduce((sum, { length }) => sum + lengthSizeBytes + length, 0);
  return keptSizeBytes === data.length ? data : withLengths(nalUnits, lengthSizeBytes);
}

/**
 * The NAL units of an access unit, as views of it, without empty ones and without a last one whose length is more than
 * the bytes that are left.
 */
export function splitAccessUnit(data: Buffer, lengthSizeBytes: number): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  for (let at = 0; at + lengthSizeBytes < data.length; ) {
    const start = at + lengthSizeBytes;
    at = nalUnitEnd(data, start, lengthSizeBytes);
    if (at > data.length) break;
    if (at > start) nalUnits.push(data.subarray(start, at));
  }
  return nalUnits;
}

/** Each NAL unit after its length; undefined when one is too long for the length fields of the stream. */
export function withLengths(nalUnits: readonly Buffer[], lengthSizeBytes: number): Buffer | undefined {
  if (nalUnits.some(({ length }) => length >= 2 ** (8 * lengthSizeBytes))) return undefined;
  const pieces = nalUnits.flatMap((nalUnit) => {
    const length = Buffer.alloc(lengthSizeBytes);
    length.writeUIntBE(nalUnit.length, 0, lengthSizeBytes);
    return [length, nalUnit];
  });
  return Buffer.concat(pieces);
}
