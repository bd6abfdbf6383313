/**
 * How the NAL units of a message are told apart. They should come each after its length, in the size that the sequence
 * header gives (ISO/IEC 14496-15 clause 5.2); some encoders send lengths of another size, or the byte stream of ITU-T
 * H.264 annex B.
 */
import { isNalUnit, nalUnitEnd, splitAccessUnit } from './access-units.ts';
import { isNalHeader } from './codecs/nal-unit.ts';

export type NalFraming = 'as-configured' | 'length-size' | 'annex-b';

export interface FramedNalUnits {
  readonly framing: NalFraming;
  /** Size of the lengths; as configured for a byte stream. */
  readonly lengthSizeBytes: number;
  /** Views of the data, without empty ones. */
  readonly nalUnits: readonly Buffer[];
}

/** The sizes that the standard allows, the usual one first. */
const LENGTH_SIZES_BYTES = [4, 2, 1] as const;
const START_CODE = Buffer.from([0x00, 0x00, 0x01]);

/**
 * Takes the reading that fits the data. `00 00 00 01` and `00 00 01 xx` are lengths too, of 1 and of 256 to 511 bytes, so
 * lengths that fit to the last byte come first: start codes hardly ever do. Where no reading fits, the NAL units that are
 * whole are found as configured.
 */
export function findNalUnits(data: Buffer, lengthSizeBytes: number): FramedNalUnits {
  if (fits(data, lengthSizeBytes)) return lengthFramed(data, lengthSizeBytes, 'as-configured');
  const otherSize = LENGTH_SIZES_BYTES.find((size) => size !== lengthSizeBytes && fits(data, size));
  if (otherSize !== undefined) return lengthFramed(data, otherSize, 'length-size');
  const byteStream = readByteStream(data);
  if (byteStream) return { framing: 'annex-b', lengthSizeBytes, nalUnits: byteStream };
  return lengthFramed(data, lengthSizeBytes, 'as-configured');
}

/** Whether all is NAL units, but for zeros that some encoders add at the end. */
function fits(data: Buffer, lengthSizeBytes: number): boolean {
  let end = 0;
  while (end < data.length) {
    const start = end + lengthSizeBytes;
    const next = nalUnitEnd(data, start, lengthSizeBytes);
    if (!isNalUnit(data, start, next)) break;
    end = next;
  }
  return data.subarray(end).every((byte) => byte === 0);
}

/**
 * Some encoders replace only the first start code by a length. No NAL unit contains a start code (ITU-T H.264 clause
 * 7.4.1), so what one contains are more NAL units.
 */
function lengthFramed(data: Buffer, lengthSizeBytes: number, framing: NalFraming): FramedNalUnits {
  const nalUnits = splitAccessUnit(data, lengthSizeBytes);
  if (!nalUnits.some((nalUnit) => nalUnit.includes(START_CODE))) return { framing, lengthSizeBytes, nalUnits };
  return { framing: 'annex-b', lengthSizeBytes, nalUnits: nalUnits.flatMap(splitByteStream) };
}

/** The NAL units of a byte stream; `undefined` when the data is none. */
function readByteStream(data: Buffer): readonly Buffer[] | undefined {
  const startCodeAt = data.indexOf(START_CODE);
  if (startCodeAt < 0 || data.subarray(0, startCodeAt).some((byte) => byte !== 0)) return undefined;
  const nalUnits = splitByteStream(data);
  return nalUnits.length > 0 && nalUnits.every(([header]) => isNalHeader(header)) ? nalUnits : undefined;
}

/** What is between the start codes and before the first one. ITU-T H.264 annex B: zeros around a start code belong to it. */
function splitByteStream(data: Buffer): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  let start = 0;
  while (start < data.length) {
    const startCodeAt = data.indexOf(START_CODE, start);
    const nalUnit = withoutTrailingZeros(data, start, startCodeAt < 0 ? data.length : startCodeAt);
    if (nalUnit.length > 0) nalUnits.push(nalUnit);
    if (startCodeAt < 0) break;
    start = startCodeAt + START_CODE.length;
  }
  return nalUnits;
}

/** A NAL unit never ends with a zero byte. ITU-T H.264 clause 7.4.1. */
function withoutTrailingZeros(data: Buffer, start: number, end: number): Buffer {
  let last = end;
  while (last > start && data[last - 1] === 0) last--;
  return data.subarray(start, last);
}
