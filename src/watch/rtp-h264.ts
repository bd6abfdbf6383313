/**
 * H.264 access units as RTP payloads: RFC 6184, packetization-mode 1 (single NAL units, STAP-A and FU-A, in decoding
 * order).
 */
import { splitAccessUnit } from '../media/access-units.ts';
import type { AvcConfig } from '../media/codecs/avc.ts';
import { NAL, nalType } from '../media/codecs/nal-unit.ts';
import { hasBothKinds, isParameterSet } from '../media/codecs/parameter-sets.ts';
import { SLICE, sliceType } from '../media/codecs/slice-header.ts';

/** With the headers of RTP, SRTP, UDP and IP it is below every usual path MTU; browsers use the same limit. */
export const MAX_PAYLOAD_SIZE_BYTES = 1200;

/** Types of payloads that are no NAL units. RFC 6184 table 1. */
const PAYLOAD = { stapA: 24, fuA: 28 } as const;

/** NAL units that a browser does not need. */
const DROPPED: ReadonlySet<number> = new Set([NAL.sei, NAL.delimiter, NAL.filler]);

/** forbidden_zero_bit and nal_ref_idc. */
const NAL_IMPORTANCE_MASK = 0xe0;
const FU_HEADER_SIZE_BYTES = 2;
const FU_START = 0x80;
const FU_END = 0x40;
const FU_PIECE_SIZE_BYTES = MAX_PAYLOAD_SIZE_BYTES - FU_HEADER_SIZE_BYTES;
const NO_PREFIX = Buffer.alloc(0);

/** One RTP payload: `prefix`, then `body`, which is a view of the access unit. */
export interface RtpPayload {
  readonly prefix: Buffer;
  readonly body: Buffer;
}

/** Empty for an access unit that is left out; the packet of the last payload gets the marker bit. */
export type AccessUnitPayloads = readonly RtpPayload[] | 'b-frame';

/**
 * Returns a function that makes payloads of the access units of a stream.
 *
 * B frames are left out: browsers show pictures in the order of arrival and freeze on pictures in another order. Key
 * frames begin with parameter sets: their own, or else those of the stream.
 */
export function h264Packetizer(config: AvcConfig): (accessUnit: Buffer, keyFrame: boolean) => AccessUnitPayloads {
  const streamSets = [...config.sequenceParameterSets, ...config.pictureParameterSets];
  return (accessUnit, keyFrame) => {
    const nalUnits = splitAccessUnit(accessUnit, config.nalLengthSizeBytes).filter(
      (unit) => !DROPPED.has(typeOf(unit)),
    );
    if (nalUnits.some(isBSlice)) return 'b-frame';
    if (!keyFrame) return nalUnits.flatMap(payloadsOf);
    const ownSets = nalUnits.filter(isParameterSet);
    const rest = nalUnits.filter((unit) => !isParameterSet(unit));
    if (rest.length === 0) return [];
    return [...parameterSets(hasBothKinds(ownSets) ? ownSets : streamSets), ...rest.flatMap(payloadsOf)];
  };
}

/** Whether one of them has an IDR picture, with which a decoder can begin. */
export function hasIdrPicture(payloads: readonly RtpPayload[]): boolean {
  return payloads.some(({ prefix, body }) => {
    // The second byte of a fragmentation unit has the type of the whole NAL unit; the prefix of a STAP-A has one byte.
    const header = prefix.length === 1 ? 0 : (prefix[1] ?? body[0] ?? 0);
    return nalType(header) === NAL.idrSlice;
  });
}

function typeOf(nalUnit: Buffer): number {
  return nalType(nalUnit[0]);
}

function isBSlice(nalUnit: Buffer): boolean {
  return typeOf(nalUnit) === NAL.slice && sliceType(nalUnit) === SLICE.b;
}

/** All of them in one packet (STAP-A), so that a browser gets either all or none. RFC 6184 clause 5.7.1. */
function parameterSets(sets: readonly Buffer[]): readonly RtpPayload[] {
  const sizeBytes = sets.reduce((sum, set) => sum + 2 + set.length, 1);
  if (sets.length === 0 || sizeBytes > MAX_PAYLOAD_SIZE_BYTES) return sets.flatMap(payloadsOf);
  const importance = Math.max(...sets.map((set) => (set[0] ?? 0) & NAL_IMPORTANCE_MASK));
  const pieces = sets.flatMap((set) => [Buffer.from([set.length >>> 8, set.length & 0xff]), set]);
  return [{ prefix: Buffer.from([importance | PAYLOAD.stapA]), body: Buffer.concat(pieces) }];
}

/** A single NAL unit packet (RFC 6184 clause 5.6), or several fragmentation units (clause 5.8). */
function payloadsOf(nalUnit: Buffer): readonly RtpPayload[] {
  if (nalUnit.length <= MAX_PAYLOAD_SIZE_BYTES) return [{ prefix: NO_PREFIX, body: nalUnit }];
  const [header = 0] = nalUnit;
  const indicator = (header & NAL_IMPORTANCE_MASK) | PAYLOAD.fuA;
  const payloads: RtpPayload[] = [];
  for (let start = 1; start < nalUnit.length; start += FU_PIECE_SIZE_BYTES) {
    const end = Math.min(start + FU_PIECE_SIZE_BYTES, nalUnit.length);
    const edge = (start === 1 ? FU_START : 0) | (end === nalUnit.length ? FU_END : 0);
    const prefix = Buffer.from([indicator, edge | nalType(header)]);
    payloads.push({ prefix, body: nalUnit.subarray(start, end) });
  }
  return payloads;
}
