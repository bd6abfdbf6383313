/** Fragments of MPEG-TS moved to another time, without decoding them. ISO/IEC 13818-1, clauses 2.4.3.2 to 2.4.3.6. */
import { PACKET_SIZE_BYTES } from '../../media/mpeg-ts/packets.ts';
import { DTS_POSITION, PTS_POSITION, writeTimestamp } from '../../media/mpeg-ts/pes.ts';

const TIMESTAMP_MODULUS = 2 ** 33;

/** The number of packets with payload of each PID; the continuity counter of the PID advances by it. */
export function countPackets(packets: Buffer, counts = new Map<number, number>()): Map<number, number> {
  for (let at = 0; at < packets.length; at += PACKET_SIZE_BYTES) {
    if (!hasPayload(packets, at)) continue;
    const pid = pidAt(packets, at);
    counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  return counts;
}

/** A copy in which every time is `shiftTicks` later and every continuity counter is advanced by `counts`, `times` times. */
export function restamp(
  packets: Buffer,
  shiftTicks: number,
  counts: ReadonlyMap<number, number>,
  times: number,
): Buffer {
  const moved = Buffer.from(packets);
  for (let at = 0; at < moved.length; at += PACKET_SIZE_BYTES) {
    const advance = ((counts.get(pidAt(moved, at)) ?? 0) * times) & 0x0f;
    const flags = moved[at + 3] ?? 0;
    moved[at + 3] = (flags & 0xf0) | ((flags + advance) & 0x0f);
    moveClock(moved, at, shiftTicks);
    if (hasPayload(moved, at) && ((moved[at + 1] ?? 0) & 0x40) !== 0) movePes(moved, payloadAt(moved, at), shiftTicks);
  }
  return moved;
}

function moveClock(packets: Buffer, at: number, shiftTicks: number): void {
  const hasClock = hasField(packets, at) && (packets[at + 4] ?? 0) > 0 && ((packets[at + 5] ?? 0) & 0x10) !== 0;
  if (!hasClock) return;
  const base = packets.readUInt32BE(at + 6) * 2 + ((packets[at + 10] ?? 0) >> 7);
  const later = (base + shiftTicks) % TIMESTAMP_MODULUS;
  packets.writeUInt32BE(Math.floor(later / 2), at + 6);
  packets[at + 10] = ((later & 1) << 7) | ((packets[at + 10] ?? 0) & 0x7f);
}

function movePes(packets: Buffer, at: number, shiftTicks: number): void {
  const isPes = packets[at] === 0 && packets[at + 1] === 0 && packets[at + 2] === 1;
  if (!isPes) return;
  const present = (packets[at + 7] ?? 0) >> 6;
  if (present & 0b10) moveTimestamp(packets, at + PTS_POSITION, shiftTicks);
  if (present === 0b11) moveTimestamp(packets, at + DTS_POSITION, shiftTicks);
}

function moveTimestamp(packets: Buffer, at: number, shiftTicks: number): void {
  const head = packets[at] ?? 0;
  const high = (head >> 1) & 0x07;
  const ticks = high * 2 ** 30 + (packets.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (packets.readUInt16BE(at + 3) >> 1);
  writeTimestamp(packets, at, head >> 4, ticks + shiftTicks);
}

function pidAt(packets: Buffer, at: number): number {
  return packets.readUInt16BE(at + 1) & 0x1fff;
}

function hasField(packets: Buffer, at: number): boolean {
  return ((packets[at + 3] ?? 0) & 0x20) !== 0;
}

function hasPayload(packets: Buffer, at: number): boolean {
  return ((packets[at + 3] ?? 0) & 0x10) !== 0;
}

function payloadAt(packets: Buffer, at: number): number {
  return at + 4 + (hasField(packets, at) ? 1 + (packets[at + 4] ?? 0) : 0);
}
