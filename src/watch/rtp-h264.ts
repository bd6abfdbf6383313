/**
 * H.264 access units as RTP payloads: RFC 6184, packetization-mode 1 (single NAL units, STAP-A and FU-A, in decoding
 * order). Bytes in, bytes out.
 */
import type { AvcConfig } from '../media/codecs/avc.ts';
import { NAL, nalType } from '../media/codecs/nal-unit.ts';
import { SLICE, sliceType } from './slice-type.ts';

/** With the headers of RTP, SRTP, UDP and IP it fits any path of the Internet; browsers send no larger ones themselves. */
export const MAX_PAYLOAD_SIZE_BYTES = 1200;

/** Types of payloads that are no NAL units. RFC 6184 table 1. */
const PAYLOAD = { stapA: 24, fuA: 28 } as const;

/** What a browser has no use for. */
const DROPPED: ReadonlySet<number> = new Set([NAL.sei, NAL.delimiter, NAL.filler]);

/** forbidden_zero_bit and nal_ref_idc. */
const NAL_IMPORTANCE_MASK = 0xe0;
const FU_HEADER_SIZE_BYTES = 2;
const FU_START = 0x80;
const FU_END = 0x40;
const FU_PIECE_SIZE_BYTES = MAX_PAYLOAD_SIZE_BYTES - FU_HEADER_SIZE_BYTES;
const NO_PREFIX = Buffer.alloc(0);

/** One RTP payload: `prefix`, then `body`, which is a view of what it was made from. */
export interface RtpPayload {
  readonly prefix: Buffer;
  readonly body: Buffer;
}

/** Nothing for an access unit that is left out; the last payload is the one that carries the marker bit. */
export type AccessUnitPayloads = readonly RtpPayload[] | 'b-frame';

/**
 * Returns what turns the access units of a stream into payloads.
 *
 * B frames come to nothing: browsers play pictures in the order in which they arrive and freeze on those that are to be
 * shown in another. Key frames begin with their parameter sets, those they bring along or else those of the stream.
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
    return [...parameterSets(bringsAll(ownSets) ? ownSets : streamSets), ...rest.flatMap(payloadsOf)];
  };
}

/** Whether there is a picture among them with which a decoder begins. */
export function hasIdrPicture(payloads: readonly RtpPayload[]): boolean {
  return payloads.some(({ prefix, body }) => {
    // The second byte of a fragmentation unit has the type of what it is a piece of; parameter sets have but one byte.
    const header = prefix.length === 1 ? 0 : (prefix[1] ?? body[0] ?? 0);
    return nalType(header) === NAL.idrSlice;
  });
}

/** The NAL units of an access unit. Empty ones are left out, and so is a last one that claims more than there is. */
function splitAccessUnit(data: Buffer, lengthSizeBytes: number): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  for (let at = 0; at + lengthSizeBytes < data.length; ) {
    const start = at + lengthSizeBytes;
    at = start + data.readUIntBE(at, lengthSizeBytes);
    if (at > data.length) break;
    if (at > start) nalUnits.push(data.subarray(start, at));
  }
  return nalUnits;
}

function typeOf(nalUnit: Buffer): number {
  return nalType(nalUnit[0]);
}

function isBSlice(nalUnit: Buffer): boolean {
  return typeOf(nalUnit) === NAL.slice && sliceType(nalUnit) === SLICE.b;
}

function isParameterSet(nalUnit: Buffer): boolean {
  const type = typeOf(nalUnit);
  return type === NAL.sps || type === NAL.pps;
}

function bringsAll(sets: readonly Buffer[]): boolean {
  return sets.some((set) => typeOf(set) === NAL.sps) && sets.some((set) => typeOf(set) === NAL.pps);
}

/** All of them in one packet, so that a browser gets them together or not at all. RFC 6184 clause 5.7.1. */
function parameterSets(sets: readonly Buffer[]): readonly RtpPayload[] {
  const sizeBytes = sets.reduce((sum, set) => sum + 2 + set.length, 1);
  if (sets.length === 0 || sizeBytes > MAX_PAYLOAD_SIZE_BYTES) return sets.flatMap(payloadsOf);
  const importance = Math.max(...sets.map((set) => (set[0] ?? 0) & NAL_IMPORTANCE_MASK));
  const pieces = sets.flatMap((set) => [Buffer.from([set.length >>> 8, set.length & 0xff]), set]);
  return [{ prefix: Buffer.from([importance | PAYLOAD.stapA]), body: Buffer.concat(pieces) }];
}

/** A single NAL unit packet (RFC 6184 clause 5.6), or as many fragmentation units as it takes (clause 5.8). */
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
