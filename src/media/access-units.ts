/**
 * Access units of H.264 as they arrive: NAL units, each after its length (ISO/IEC 14496-15 clause 5.2). The muxer in
 * process accepts wrong lengths; ffmpeg exits on one, so its input is corrected here first.
 */
import type { AvcConfig } from './codecs/avc.ts';
import { NAL, nalType } from './codecs/nal-unit.ts';

/**
 * Returns a function that inserts the parameter sets of the stream at the start of a key frame, after the access unit
 * delimiter if there is one. Key frames with their own sets, and data without a picture, are returned unchanged.
 *
 * It is for ffmpeg, whose h264_mp4toannexb (5.1) inserts them after SEI that may refer to them, and for IDR pictures
 * only: a fragment that begins with a recovery point could not be decoded alone.
 */
export function parameterSetInserter(config: AvcConfig): (data: Buffer) => Buffer {
  const lengthSizeBytes = config.nalLengthSizeBytes;
  const sets = withLengths([...config.sequenceParameterSets, ...config.pictureParameterSets], lengthSizeBytes);
  return (data) => {
    if (!sets || !comesWithoutParameterSets(data, 0, lengthSizeBytes)) return data;
    const at = delimiterSizeBytes(data, lengthSizeBytes);
    return Buffer.concat([data.subarray(0, at), sets, data.subarray(at)]);
  };
}

/** Whether the next slice has no parameter set before it. `at` is the position of the length of a NAL unit. */
export function comesWithoutParameterSets(data: Buffer, at: number, lengthSizeBytes: number): boolean {
  for (let position = at; position + lengthSizeBytes < data.length; ) {
    const start = position + lengthSizeBytes;
    position = start + data.readUIntBE(position, lengthSizeBytes);
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
    at = start + data.readUIntBE(at, lengthSizeBytes);
    if (at > data.length) break;
    if (at > start) nalUnits.push(data.subarray(start, at));
  }
  return nalUnits;
}

function delimiterSizeBytes(data: Buffer, lengthSizeBytes: number): number {
  if (nalType(data[lengthSizeBytes]) !== NAL.delimiter) return 0;
  return lengthSizeBytes + data.readUIntBE(0, lengthSizeBytes);
}

/** Undefined when a NAL unit is too long for the length fields of the stream. */
function withLengths(nalUnits: readonly Buffer[], lengthSizeBytes: number): Buffer | undefined {
  if (nalUnits.some(({ length }) => length >= 2 ** (8 * lengthSizeBytes))) return undefined;
  const pieces = nalUnits.flatMap((nalUnit) => {
    const length = Buffer.alloc(lengthSizeBytes);
    length.writeUIntBE(nalUnit.length, 0, lengthSizeBytes);
    return [length, nalUnit];
  });
  return Buffer.concat(pieces);
}
