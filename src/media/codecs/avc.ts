/** The configuration of an H.264 stream, sent before its pictures. */
import { parseSequenceParameterSet, type SequenceParameterSet } from './sps.ts';

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 clause 5.3.3.1. The buffers are views of the record. */
export interface AvcConfig {
  readonly profileIdc: number;
  readonly profileCompatibility: number;
  /** Ten times the level: 31 is level 3.1. */
  readonly levelIdc: number;
  /** Size of the length in front of each NAL unit: 1 to 4. The standard reserves 3; the arithmetic is the same. */
  readonly nalLengthSizeBytes: number;
  readonly sequenceParameterSets: readonly Buffer[];
  readonly pictureParameterSets: readonly Buffer[];
  /** From the first sequence parameter set; absent when there is none or it cannot be read. */
  readonly picture?: SequenceParameterSet;
}

/**
 * Its sets are written before every key frame, however small that is, so a peer must not choose their size. Those of an
 * encoder have a few hundred bytes.
 */
const MAX_RECORD_SIZE_BYTES = 64 * 1024;

/** Parses the body of an AVC sequence header. `undefined` when it is not a record, is truncated or is absurdly large. */
export function parseAvcConfig(record: Buffer): AvcConfig | undefined {
  if (record.length > MAX_RECORD_SIZE_BYTES) return undefined;
  const [version, profileIdc, profileCompatibility, levelIdc, lengthByte, spsByte] = record;
  if (version !== 1 || profileIdc === undefined || profileCompatibility === undefined) return undefined;
  if (levelIdc === undefined || lengthByte === undefined || spsByte === undefined) return undefined;
  const sps = readParameterSets(record, 6, spsByte & 0x1f);
  const ppsCount = sps && record[sps.end];
  if (!sps || ppsCount === undefined) return undefined;
  const pps = readParameterSets(record, sps.end + 1, ppsCount);
  if (!pps) return undefined;

  const [firstSps] = sps.nalUnits;
  const picture = firstSps && parseSequenceParameterSet(firstSps);
  return {
    profileIdc,
    profileCompatibility,
    levelIdc,
    nalLengthSizeBytes: (lengthByte & 0x03) + 1,
    sequenceParameterSets: sps.nalUnits,
    pictureParameterSets: pps.nalUnits,
    ...(picture ? { picture } : {}),
  };
}

/** Reads `count` NAL units, each after its 16-bit length; empty ones are left out. */
function readParameterSets(
  record: Buffer,
  start: number,
  count: number,
): { nalUnits: Buffer[]; end: number } | undefined {
  const nalUnits: Buffer[] = [];
  let position = start;
  for (let index = 0; index < count; index++) {
    if (position + 2 > record.length) return undefined;
    const end = position + 2 + record.readUInt16BE(position);
    if (end > record.length) return undefined;
    if (end > position + 2) nalUnits.push(record.subarray(position + 2, end));
    position = end;
  }
  return { nalUnits, end: position };
}

const MAX_SPS_COUNT = 0x1f;
const MAX_PPS_COUNT = 0xff;
/** Its size has 16 bits in a record. */
export const MAX_SET_SIZE_BYTES = 0xffff;

/**
 * An AVCDecoderConfigurationRecord of parameter sets. `undefined` when they are no complete configuration, or do not fit
 * into a record that `parseAvcConfig` reads. The fields on chroma format and bit depth that end a record of the high profiles are left out, as many
 * encoders do: they repeat what the SPS says.
 */
export function avcConfigRecord(
  sequenceParameterSets: readonly Buffer[],
  pictureParameterSets: readonly Buffer[],
  nalLengthSizeBytes: number,
): Buffer | undefined {
  const [firstSps] = sequenceParameterSets;
  if (!firstSps || firstSps.length < 4 || pictureParameterSets.length === 0) return undefined;
  if (sequenceParameterSets.length > MAX_SPS_COUNT || pictureParameterSets.length > MAX_PPS_COUNT) return undefined;
  const all = [...sequenceParameterSets, ...pictureParameterSets];
  if (all.some(({ length }) => length > MAX_SET_SIZE_BYTES)) return undefined;
  const record = Buffer.concat([
    Buffer.from([1]),
    firstSps.subarray(1, 4),
    Buffer.from([0xfc | (nalLengthSizeBytes - 1), 0xe0 | sequenceParameterSets.length]),
    ...sequenceParameterSets.flatMap(withSize),
    Buffer.from([pictureParameterSets.length]),
    ...pictureParameterSets.flatMap(withSize),
  ]);
  return record.length > MAX_RECORD_SIZE_BYTES ? undefined : record;
}

function withSize(nalUnit: Buffer): readonly Buffer[] {
  return [Buffer.from([nalUnit.length >>> 8, nalUnit.length & 0xff]), nalUnit];
}
