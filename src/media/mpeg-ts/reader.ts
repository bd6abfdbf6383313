/** Reads MPEG-TS from a stream of bytes: its tables, and its access units with their PES packets. */

import type { TsOutput, TsUnit } from '../frame.ts';
import { PACKET_SIZE_BYTES, SYNC_BYTE } from './packets.ts';
import { DTS_POSITION, PTS_ONLY_PREFIX, PTS_POSITION, writeTimestamp } from './pes.ts';
import { PID_PAT, STREAM_TYPE_AAC_ADTS, STREAM_TYPE_H264 } from './psi.ts';

const TIMESTAMP_MODULUS = 2 ** 33;

/** A unit whose end is not known yet. */
type OpenUnit = Omit<TsUnit, 'packets'> & { readonly pieces: Buffer[] };

/**
 * Reads one program of H.264 and AAC, as ffmpeg's muxer writes it. A unit lasts until the next access unit begins on
 * either PID, so that packets keep their order. What tracks the tables name is told the output when they are new; the
 * tables, of one packet each, and other PIDs are left out, and so are bytes outside packets that begin with a sync byte.
 */
export class TsReader {
  readonly #output: TsOutput;
  readonly #tracks = new Map<number, TsUnit['track']>();
  #pmtPid: number | undefined;
  #pmt: Buffer | undefined;
  #unit: OpenUnit | undefined;
  #lastDtsTicks: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param startDtsTicks a time near that of the first access unit, to know how often its 33 bits have wrapped */
  constructor(output: TsOutput, startDtsTicks: number) {
    this.#output = output;
    this.#lastDtsTicks = startDtsTicks;
  }

  /** Takes the next bytes, and may keep views of them. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let position = 0;
    while (position + PACKET_SIZE_BYTES <= bytes.length) {
      if (bytes[position] === SYNC_BYTE) {
        this.#packet(bytes.subarray(position, position + PACKET_SIZE_BYTES));
        position += PACKET_SIZE_BYTES;
      } else {
        const sync = bytes.indexOf(SYNC_BYTE, position);
        position = sync < 0 ? bytes.length : sync;
      }
    }
    this.#rest = bytes.subarray(position);
  }

  /** No more bytes will come: the last unit is complete. */
  end(): void {
    if (!this.#unit) return;
    const { track, dtsTicks, keyFrame, pieces } = this.#unit;
    this.#unit = undefined;
    this.#output.unit({ track, dtsTicks, keyFrame, packets: Buffer.concat(pieces) });
  }

  #packet(packet: Buffer): void {
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const track = this.#tracks.get(pid);
    if (track) this.#trackPacket(track, packet);
    else if (pid === PID_PAT) this.#programAssociation(packet);
    else if (pid === this.#pmtPid) this.#programMap(packet);
  }

  #trackPacket(track: TsUnit['track'], packet: Buffer): void {
    const wireDtsTicks = startsPayload(packet) ? readDtsTicks(packet) : undefined;
    if (wireDtsTicks !== undefined) {
      this.end();
      this.#lastDtsTicks = unwrapTicks(wireDtsTicks, this.#lastDtsTicks);
      const keyFrame = track === 'audio' || hasRandomAccessIndicator(packet);
      this.#unit = { track, dtsTicks: this.#lastDtsTicks, keyFrame, pieces: [] };
    }
    // Copied when the unit is complete; until then a view is enough.
    this.#unit?.pieces.push(packet);
  }

  #programAssociation(packet: Buffer): void {
    const body = readSection(packet, 0x00)?.subarray(5);
    if (!body || body.length < 4) return;
    this.#pmtPid = body.readUInt16BE(2) & 0x1fff;
  }

  #programMap(packet: Buffer): void {
    const section = readSection(packet, 0x02);
    if (!section || section.length < 9 || this.#pmt?.equals(section)) return;
    this.#pmt = Buffer.from(section);
    this.#tracks.clear();
    for (const { streamType, pid } of elementaryStreams(section)) {
      if (streamType === STREAM_TYPE_H264) this.#tracks.set(pid, 'video');
      else if (streamType === STREAM_TYPE_AAC_ADTS) this.#tracks.set(pid, 'audio');
    }
    this.#output.tables([...this.#tracks.values()].includes('audio'));
  }
}

/** Changes the presentation time of the unit at the start of `packets`. Its PES header must have no decoding time. */
export function rewritePts(packets: Buffer, ptsTicks: number): void {
  writeTimestamp(readPayload(packets.subarray(0, PACKET_SIZE_BYTES)), PTS_POSITION, PTS_ONLY_PREFIX, ptsTicks);
}

/** The time nearest to `nearTicks` whose lower 33 bits are `wireTicks`. */
function unwrapTicks(wireTicks: number, nearTicks: number): number {
  const turns = Math.round((nearTicks - wireTicks) / TIMESTAMP_MODULUS);
  return wireTicks + turns * TIMESTAMP_MODULUS;
}

function startsPayload(packet: Buffer): boolean {
  return (packet.readUInt8(1) & 0x40) !== 0;
}

function hasRandomAccessIndicator(packet: Buffer): boolean {
  const hasAdaptationField = (packet.readUInt8(3) & 0x20) !== 0;
  return hasAdaptationField && packet.readUInt8(4) > 0 && (packet.readUInt8(5) & 0x40) !== 0;
}

/** The bytes after header and adaptation field. ISO/IEC 13818-1 clause 2.4.3.2. */
function readPayload(packet: Buffer): Buffer {
  const control = packet.readUInt8(3);
  if ((control & 0x10) === 0) return Buffer.alloc(0);
  return packet.subarray((control & 0x20) === 0 ? 4 : 5 + packet.readUInt8(4));
}

/** DTS, or PTS when there is no DTS, of the PES packet that begins here. ISO/IEC 13818-1 clause 2.4.3.7. */
function readDtsTicks(packet: Buffer): number | undefined {
  const pes = readPayload(packet);
  if (pes.length < 14 || pes.readUIntBE(0, 3) !== 1) return undefined;
  const flags = pes.readUInt8(7) >> 6;
  if (flags === 0b10) return readTimestamp(pes, PTS_POSITION);
  return flags === 0b11 && pes.length >= 19 ? readTimestamp(pes, DTS_POSITION) : undefined;
}

function readTimestamp(pes: Buffer, position: number): number {
  const high = (pes.readUInt8(position) >> 1) & 0x07;
  const middle = pes.readUInt16BE(position + 1) >> 1;
  const low = pes.readUInt16BE(position + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

/** The section after its length field and without its CRC, if it begins and ends in this packet. */
function readSection(packet: Buffer, tableId: number): Buffer | undefined {
  const payload = readPayload(packet);
  const start = 1 + (payload[0] ?? 0);
  if (!startsPayload(packet) || start + 3 > payload.length || payload[start] !== tableId) return undefined;
  const end = start + 3 + (payload.readUInt16BE(start + 1) & 0x0fff);
  return end <= payload.length && end - 4 > start + 3 ? payload.subarray(start + 3, end - 4) : undefined;
}

/** Reads the second loop of a PMT. ISO/IEC 13818-1 clause 2.4.4.8. */
function* elementaryStreams(section: Buffer): Generator<{ streamType: number; pid: number }> {
  let position = 9 + (section.readUInt16BE(7) & 0x0fff);
  while (position + 5 <= section.length) {
    yield { streamType: section.readUInt8(position), pid: section.readUInt16BE(position + 1) & 0x1fff };
    position += 5 + (section.readUInt16BE(position + 3) & 0x0fff);
  }
}
