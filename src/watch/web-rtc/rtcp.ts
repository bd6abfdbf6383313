/** The RTCP that a sender of media needs: RFC 3550 clause 6, and RFC 4585 for negative acknowledgements. */

/** RFC 3550 clause 12.1, RFC 4585 clause 6.1. */
const TYPE = { senderReport: 200, sourceDescription: 202, goodbye: 203, transportFeedback: 205 } as const;
const GENERIC_NACK = 1;
const VERSION = 0x80;
const ITEM_CNAME = 1;
/** Seconds from 1900 to 1970. */
const NTP_OFFSET_SEC = 2_208_988_800;

export interface SenderReport {
  readonly ssrc: number;
  /** The time of the report: by the wall clock and by the RTP clock of the track. */
  readonly wallMs: number;
  readonly ticks: number;
  readonly packets: number;
  readonly payloadBytes: number;
}

/** A compound packet: the report, and the CNAME, which is the same for all tracks of a viewer. */
export function writeSenderReport(report: SenderReport, cname: string): Buffer {
  const packet = Buffer.alloc(28);
  writeHeader(packet, 0, TYPE.senderReport);
  packet.writeUInt32BE(report.ssrc, 4);
  const seconds = Math.floor(report.wallMs / 1000);
  packet.writeUInt32BE((seconds + NTP_OFFSET_SEC) >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((report.wallMs - seconds * 1000) / 1000) * 2 ** 32), 12);
  packet.writeUInt32BE(modulo32(report.ticks), 16);
  packet.writeUInt32BE(modulo32(report.packets), 20);
  packet.writeUInt32BE(modulo32(report.payloadBytes), 24);
  return Buffer.concat([packet, sourceDescription(report.ssrc, cname)]);
}

/** The track has ended. */
export function writeGoodbye(ssrc: number): Buffer {
  const packet = Buffer.alloc(8);
  writeHeader(packet, 1, TYPE.goodbye);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** Sequence numbers that a viewer did not receive, with the SSRC of the track. */
export interface MissedPackets {
  readonly ssrc: number;
  readonly sequenceNumbers: readonly number[];
}

/** The negative acknowledgements in a compound packet. Reading stops at the first invalid packet. */
export function parseMissedPackets(compound: Buffer): readonly MissedPackets[] {
  const found: MissedPackets[] = [];
  for (let start = 0; start + 4 <= compound.length; ) {
    const end = start + 4 + compound.readUInt16BE(start + 2) * 4;
    if (end > compound.length) break;
    const packet = compound.subarray(start, end);
    if (packet[1] === TYPE.transportFeedback && ((packet[0] ?? 0) & 0x1f) === GENERIC_NACK && packet.length >= 12) {
      found.push({ ssrc: packet.readUInt32BE(8), sequenceNumbers: readNacks(packet.subarray(12)) });
    }
    start = end;
  }
  return found;
}

/** Pairs of a sequence number and a bit for each of the 16 after it. RFC 4585 clause 6.2.1. */
function readNacks(entries: Buffer): readonly number[] {
  const sequenceNumbers: number[] = [];
  for (let at = 0; at + 4 <= entries.length; at += 4) {
    const first = entries.readUInt16BE(at);
    const mask = entries.readUInt16BE(at + 2);
    sequenceNumbers.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if ((mask >>> bit) & 1) sequenceNumbers.push((first + bit + 1) & 0xffff);
    }
  }
  return sequenceNumbers;
}

/** RFC 3550 clause 6.5: the items end with a zero byte, and the chunk is padded to a whole word. */
function sourceDescription(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname);
  const packet = Buffer.alloc((4 + 4 + 2 + text.length + 1 + 3) & ~3);
  writeHeader(packet, 1, TYPE.sourceDescription);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = ITEM_CNAME;
  packet[9] = text.length;
  text.copy(packet, 10);
  return packet;
}

function writeHeader(packet: Buffer, count: number, type: number): void {
  packet[0] = VERSION | count;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
}

function modulo32(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
