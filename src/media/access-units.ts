/**
 * Access units of H.264 as they come: NAL units, each behind its length (ISO/IEC 14496-15 clause 5.2). The muxer in
 * process finds its way through anything; ffmpeg ends where a length is wrong, so that what goes there is put in order.
 */
import type { AvcConfig } from './codecs/avc.ts';
import { NAL, nalType } from './codecs/nal-unit.ts';

/**
 * Returns what puts the parameter sets of the stream in front of its key frames, behind a delimiter if there is one. Key
 * frames that carry sets of their own are returned as they are, and so is what holds no picture.
 *
 * It is for ffmpeg, whose h264_mp4toannexb (5.1) inserts them behind SEI that may refer to them, and for IDR pictures
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

/** Whether the next slice from `at` on, the length of a NAL unit, has no parameter set in front of it. */
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
 * Leaves out NAL units that are empty, and a last one that claims more bytes than there are. Returns `data` itself where
 * there is nothing to leave out, and undefined where nothing is left.
 */
export function withoutDebris(data: Buffer, lengthSizeBytes: number): Buffer | undefined {
  const kept: Buffer[] = [];
  let keptSizeBytes = 0;
  for (let at = 0; at + lengthSizeBytes < data.length; ) {
    const end = at + lengthSizeBytes + data.readUIntBE(at, lengthSizeBytes);
    if (end > data.length) break;
    if (end > at + lengthSizeBytes) {
      kept.push(data.subarray(at, end));
      keptSizeBytes += end - at;
    }
    at = end;
  }
  if (keptSizeBytes === 0) return undefined;
  return keptSizeBytes === data.length ? data : Buffer.concat(kept, keptSizeBytes);
}

function delimiterSizeBytes(data: Buffer, lengthSizeBytes: number): number {
  if (nalType(data[lengthSizeBytes]) !== NAL.delimiter) return 0;
  return lengthSizeBytes + data.readUIntBE(0, lengthSizeBytes);
}

/** Undefined when one is too long for the lengths of the stream. */
function withLengths(nalUnits: readonly Buffer[], lengthSizeBytes: number): Buffer | undefined {
  if (nalUnits.some(({ length }) => length >= 2 ** (8 * lengthSizeBytes))) return undefined;
  const pieces = nalUnits.flatMap((nalUnit) => {
    const length = Buffer.alloc(lengthSizeBytes);
    length.writeUIntBE(nalUnit.length, 0, lengthSizeBytes);
    return [length, nalUnit];
  });
  return Buffer.concat(pieces);
}
