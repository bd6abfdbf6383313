/** Program association and program map tables. ISO/IEC 13818-1 clauses 2.4.4.3 and 2.4.4.8. */
import { PACKET_SIZE_BYTES, SYNC_BYTE } from './packets.ts';

/** The PIDs of the HLS output of nginx-rtmp-module. The fragments of the service are assumed to have the same. */
export const PID_PAT = 0x0000;
export const PID_PMT = 0x1001;
export const PID_VIDEO = 0x0100;
export const PID_AUDIO = 0x0101;

/** stream_type, ISO/IEC 13818-1 table 2-34. */
export const STREAM_TYPE_AAC_ADTS = 0x0f;
export const STREAM_TYPE_H264 = 0x1b;

const TABLE_ID_PAT = 0x00;
const TABLE_ID_PMT = 0x02;
const TRANSPORT_STREAM_ID = 1;
const PROGRAM_NUMBER = 1;

/**
 * PAT and PMT of a program with H.264 video and, perhaps, AAC audio: one packet each. Their continuity counters are not
 * set.
 *
 * @param pmtVersion how many other PMTs the program had before; wrapped here at 32
 */
export function programTables(hasAudio: boolean, pmtVersion = 0): Buffer {
  const video = elementaryStream(STREAM_TYPE_H264, PID_VIDEO);
  const audio = hasAudio ? elementaryStream(STREAM_TYPE_AAC_ADTS, PID_AUDIO) : [];
  const programInfoLength = [0xf0, 0x00];
  return Buffer.concat([
    tablePacket(PID_PAT, TABLE_ID_PAT, TRANSPORT_STREAM_ID, 0, [...bigEndian(PROGRAM_NUMBER), ...pidField(PID_PMT)]),
    tablePacket(PID_PMT, TABLE_ID_PMT, PROGRAM_NUMBER, pmtVersion, [
      ...pidField(PID_VIDEO), // PCR_PID
      ...programInfoLength,
      ...video,
      ...audio,
    ]),
  ]);
}

/** CRC-32/MPEG-2: polynomial 0x04C11DB7, nothing reflected, no final inversion. ISO/IEC 13818-1 annex A. */
export function crc32Mpeg2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function elementaryStream(streamType: number, pid: number): number[] {
  const infoLength = [0xf0, 0x00];
  return [streamType, ...pidField(pid), ...infoLength];
}

/** Three reserved bits, set, and a PID. */
function pidField(pid: number): number[] {
  return bigEndian(0xe000 | pid);
}

function bigEndian(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** One section in one packet, padded with 0xFF. */
function tablePacket(
  pid: number,
  tableId: number,
  tableIdExtension: number,
  version: number,
  body: readonly number[],
): Buffer {
  const crcSizeBytes = 4;
  const currentVersion = 0xc1 | ((version & 0x1f) << 1);
  const header = [...bigEndian(tableIdExtension), currentVersion, 0x00, 0x00];
  const sectionLength = header.length + body.length + crcSizeBytes;
  const section = Buffer.from([tableId, ...bigEndian(0xb000 | sectionLength), ...header, ...body]);
  const packet = Buffer.alloc(PACKET_SIZE_BYTES, 0xff);
  const pointerField = 0x00;
  const packetHeader = [SYNC_BYTE, 0x40 | (pid >> 8), pid & 0xff, 0x10, pointerField];
  packet.set(packetHeader);
  packet.set(section, packetHeader.length);
  packet.writeUInt32BE(crc32Mpeg2(section), packetHeader.length + section.length);
  return packet;
}
