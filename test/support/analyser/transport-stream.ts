/**
 * Reads MPEG-TS without code of src/, so that an error there is not repeated here. ISO/IEC 13818-1 clauses 2.4.3 (packets
 * and PES) and 2.4.4 (tables).
 */

export const PACKET_BYTES = 188;
export const PAT_PID = 0;
const NULL_PID = 0x1fff;
/** Of PTS, DTS and the base of a PCR, in ticks of 90 kHz. */
const TIME_MODULUS = 2 ** 33;

export interface TsPacket {
  readonly pid: number;
  readonly counter: number;
  readonly startsUnit: boolean;
  readonly hasPayload: boolean;
  readonly hasError: boolean;
  readonly isScrambled: boolean;
  readonly randomAccess: boolean;
  readonly pcrTicks: number | undefined;
  readonly payload: Buffer;
}

/** Why bytes cannot be read as packets; empty when they can. */
export function framingProblems(ts: Buffer): string[] {
  const problems: string[] = [];
  if (ts.length === 0) problems.push('there are no packets');
  if (ts.length % PACKET_BYTES !== 0) problems.push(`${ts.length} bytes are not whole packets`);
  for (let at = 0; at + PACKET_BYTES <= ts.length; at += PACKET_BYTES) {
    const index = at / PACKET_BYTES;
    if (ts[at] !== 0x47) problems.push(`packet ${index}: no sync byte`);
    const control = ts.readUInt8(at + 3) & 0x30;
    if (control === 0) problems.push(`packet ${index}: neither payload nor adaptation field`);
    // With a payload there is at least one byte of it; without, the field fills the packet.
    const fieldBytes = ts.readUInt8(at + 4);
    if (control === 0x30 && fieldBytes > 182) problems.push(`packet ${index}: adaptation field of ${fieldBytes} bytes`);
    if (control === 0x20 && fieldBytes !== 183)
      problems.push(`packet ${index}: adaptation field of ${fieldBytes} bytes`);
  }
  return problems;
}

export function readPackets(ts: Buffer): TsPacket[] {
  const packets: TsPacket[] = [];
  for (let at = 0; at < ts.length; at += PACKET_BYTES) {
    if (ts[at] !== 0x47) throw new Error(`no sync byte at ${at}`);
    const control = ts.readUInt8(at + 3);
    const fieldSize = control & 0x20 ? 1 + ts.readUInt8(at + 4) : 0;
    const flags = fieldSize > 1 ? ts.readUInt8(at + 5) : 0;
    packets.push({
      pid: ts.readUInt16BE(at + 1) & 0x1fff,
      counter: control & 0x0f,
      startsUnit: (ts.readUInt8(at + 1) & 0x40) !== 0,
      hasPayload: (control & 0x10) !== 0,
      hasError: (ts.readUInt8(at + 1) & 0x80) !== 0,
      isScrambled: (control & 0xc0) !== 0,
      randomAccess: (flags & 0x40) !== 0,
      pcrTicks: flags & 0x10 ? ts.readUInt32BE(at + 6) * 2 + (ts.readUInt8(at + 10) >> 7) : undefined,
      payload: ts.subarray(at + 4 + fieldSize, at + PACKET_BYTES),
    });
  }
  return packets;
}

/** The gaps of the continuity counters, as `pid: before -> after`. A counter counts packets with a payload. */
export function continuityBreaks(ts: Buffer): string[] {
  const last = new Map<number, number>();
  const breaks: string[] = [];
  for (const { pid, counter, hasPayload } of readPackets(ts)) {
    if (pid === NULL_PID) continue;
    const before = last.get(pid);
    const expected = before === undefined ? counter : hasPayload ? (before + 1) % 16 : before;
    if (counter !== expected) breaks.push(`${pid}: ${before} -> ${counter}`);
    last.set(pid, counter);
  }
  return breaks;
}

/** The PES packets of one PID, without transport headers. */
export function pesPackets(ts: Buffer, pid: number): Buffer[] {
  return unitsOf(readPackets(ts), pid).map(({ bytes }) => bytes);
}

interface Unit {
  readonly first: TsPacket;
  /** Of the first packet, among all packets. */
  readonly index: number;
  readonly bytes: Buffer;
}

function unitsOf(packets: readonly TsPacket[], pid: number): Unit[] {
  const units: { first: TsPacket; index: number; pieces: Buffer[] }[] = [];
  for (const [index, packet] of packets.entries()) {
    if (packet.pid !== pid) continue;
    if (packet.startsUnit) units.push({ first: packet, index, pieces: [] });
    units.at(-1)?.pieces.push(packet.payload);
  }
  return units.map(({ first, index, pieces }) => ({ first, index, bytes: Buffer.concat(pieces) }));
}

/** PAT or PMT, from a section that lies in one packet. */
export interface Table {
  readonly tableId: number;
  readonly version: number;
  readonly isCurrent: boolean;
  readonly crcFits: boolean;
  /** Between the section numbers and the CRC. */
  readonly body: Buffer;
}

/** The section that begins in a packet; `undefined` when it is cut off. */
export function readTable({ startsUnit, payload }: TsPacket): Table | undefined {
  const start = 1 + (payload[0] ?? 0);
  if (!startsUnit || start + 3 > payload.length) return undefined;
  const end = start + 3 + (payload.readUInt16BE(start + 1) & 0x0fff);
  if (end > payload.length || end - start < 12) return undefined;
  return {
    tableId: payload.readUInt8(start),
    version: (payload.readUInt8(start + 5) >> 1) & 0x1f,
    isCurrent: (payload.readUInt8(start + 5) & 1) === 1,
    crcFits: crc32(payload.subarray(start, end)) === 0,
    body: payload.subarray(start + 8, end - 4),
  };
}

/** The remainder of a section with its CRC is 0. Annex A. */
export function crc32(bytes: Buffer): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carries = (remainder >>> 31) ^ ((byte >> bit) & 1);
      remainder = (remainder << 1) >>> 0;
      if (carries) remainder = (remainder ^ 0x04c11db7) >>> 0;
    }
  }
  return remainder;
}

export interface ElementaryStream {
  readonly pid: number;
  readonly streamType: number;
}

/** The PIDs of the program maps that a PAT lists. */
export function programMapPids({ body }: Table): number[] {
  const pids: number[] = [];
  for (let at = 0; at + 4 <= body.length; at += 4) {
    if (body.readUInt16BE(at) !== 0) pids.push(body.readUInt16BE(at + 2) & 0x1fff);
  }
  return pids;
}

export function readProgramMap({ body }: Table): { readonly pcrPid: number; readonly streams: ElementaryStream[] } {
  const streams: ElementaryStream[] = [];
  let at = 4 + (body.readUInt16BE(2) & 0x0fff);
  while (at + 5 <= body.length) {
    streams.push({ streamType: body.readUInt8(at), pid: body.readUInt16BE(at + 1) & 0x1fff });
    at += 5 + (body.readUInt16BE(at + 3) & 0x0fff);
  }
  return { pcrPid: body.readUInt16BE(0) & 0x1fff, streams };
}

export interface PesPacket {
  /** Of its first transport packet, in the fragment. */
  readonly index: number;
  readonly randomAccess: boolean;
  readonly streamId: number;
  /** PES_packet_length. */
  readonly statedBytes: number;
  /** What PES_packet_length would have to be. */
  readonly actualBytes: number;
  readonly ptsTicks: number;
  /** The PTS where it has no DTS of its own. */
  readonly dtsTicks: number;
  readonly payload: Buffer;
}

/** The PES packets of one PID, or why one of them cannot be read. */
export function readPesPackets(packets: readonly TsPacket[], pid: number): (PesPacket | string)[] {
  return unitsOf(packets, pid).map(readPes);
}

function readPes({ first, index, bytes }: Unit): PesPacket | string {
  if (bytes.length < 14 || bytes.readUIntBE(0, 3) !== 1) return `packet ${index}: no PES header`;
  const flags = bytes.readUInt8(7) >> 6;
  const headerEnd = 9 + bytes.readUInt8(8);
  if (bytes.readUInt8(6) >> 6 !== 0b10) return `packet ${index}: a PES header without its marker bits`;
  if (flags < 0b10) return `packet ${index}: a PES header without a time`;
  if (headerEnd > bytes.length || bytes.readUInt8(8) < (flags === 0b11 ? 10 : 5)) {
    return `packet ${index}: a PES header of a wrong length`;
  }
  const ptsTicks = readTime(bytes, 9, flags);
  const dtsTicks = flags === 0b11 ? readTime(bytes, 14, 0b01) : ptsTicks;
  if (ptsTicks === undefined || dtsTicks === undefined) return `packet ${index}: a time without its marker bits`;
  return {
    index,
    randomAccess: first.randomAccess,
    streamId: bytes.readUInt8(3),
    statedBytes: bytes.readUInt16BE(4),
    actualBytes: bytes.length - 6,
    ptsTicks,
    dtsTicks,
    payload: bytes.subarray(headerEnd),
  };
}

/** 33 bits in three groups, each followed by a marker bit; four bits before them say which time it is. */
function readTime(bytes: Buffer, at: number, prefix: number): number | undefined {
  const [first, second, third] = [bytes.readUInt8(at), bytes.readUInt16BE(at + 1), bytes.readUInt16BE(at + 3)];
  if (first >> 4 !== prefix || (first & second & third & 1) === 0) return undefined;
  return ((first >> 1) & 0x07) * 2 ** 30 + (second >> 1) * 2 ** 15 + (third >> 1);
}

/** From one time to another, the shorter way round. */
export function ticksBetween(from: number, to: number): number {
  const forward = (((to - from) % TIME_MODULUS) + TIME_MODULUS) % TIME_MODULUS;
  return forward >= TIME_MODULUS / 2 ? forward - TIME_MODULUS : forward;
}
