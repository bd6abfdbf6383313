/** Transport stream packets. ISO/IEC 13818-1 clause 2.4.3.2 (packet header) and 2.4.3.4 (adaptation field). */

export const PACKET_SIZE_BYTES = 188;
export const SYNC_BYTE = 0x47;
/** Presentation and decoding times count a 90 kHz clock. */
export const TICKS_PER_MS = 90;
const HEADER_SIZE_BYTES = 4;
const PAYLOAD_SIZE_BYTES = PACKET_SIZE_BYTES - HEADER_SIZE_BYTES;
/** Length, flags and a program clock reference. */
const PCR_FIELD_SIZE_BYTES = 8;
const FIELD_LENGTH_POSITION = 4;
/** adaptation_field_length of a field with a clock reference: flags and reference. */
const MIN_CLOCK_FIELD_LENGTH = 7;
const CLOCK_REFERENCE_POSITION = 6;
const TIMESTAMP_MODULUS = 2 ** 33;

/** The adaptation field of the first packet of an access unit on the PCR's PID. */
export interface ClockReference {
  /** 90 kHz ticks, wrapped here. */
  readonly ticks: number;
  readonly randomAccess: boolean;
}

/** Reduces 90 kHz ticks to the 33 bits of a time stamp in the stream. */
export function wrapTicks(ticks: number): number {
  return ((ticks % TIMESTAMP_MODULUS) + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS;
}

/** How many bytes of packets a PES packet fills. */
export function packetsSizeBytes(pesSizeBytes: number, withClock: boolean): number {
  const fieldSizeBytes = withClock ? PCR_FIELD_SIZE_BYTES : 0;
  return Math.ceil((pesSizeBytes + fieldSizeBytes) / PAYLOAD_SIZE_BYTES) * PACKET_SIZE_BYTES;
}

/**
 * Splits a PES packet into transport packets, in place: `region` is `packetsSizeBytes` long and holds the PES packet at
 * its end. Packets are written from the start. Each of them adds a header, so the write position never passes the bytes
 * that still have to be moved, and those of the last packet are already in place. Each packet costs one memmove. The
 * continuity counters are not set: `ContinuityCounters` does it.
 */
export function packetize(region: Buffer, pesSizeBytes: number, pid: number, clock?: ClockReference): void {
  const lastPacket = region.length - PACKET_SIZE_BYTES;
  let source = region.length - pesSizeBytes;
  for (let packet = 0; packet <= lastPacket; packet += PACKET_SIZE_BYTES) {
    const isFirst = packet === 0;
    const fieldSizeBytes = clock && isFirst ? PCR_FIELD_SIZE_BYTES : 0;
    const payload = packet === lastPacket ? source : packet + HEADER_SIZE_BYTES + fieldSizeBytes;
    const nextPacket = packet + PACKET_SIZE_BYTES;
    if (payload !== source) region.copyWithin(payload, source, source + nextPacket - payload);
    source += nextPacket - payload;

    const hasField = payload > packet + HEADER_SIZE_BYTES;
    region[packet] = SYNC_BYTE;
    region[packet + 1] = (isFirst ? 0x40 : 0x00) | (pid >> 8);
    region[packet + 2] = pid & 0xff;
    region[packet + 3] = hasField ? 0x30 : 0x10;
    if (hasField) writeAdaptationField(region, packet + HEADER_SIZE_BYTES, payload, isFirst ? clock : undefined);
  }
}

/** Fills `start` to `end` with an adaptation field; the bytes after the clock reference are stuffing. */
function writeAdaptationField(region: Buffer, start: number, end: number, clock: ClockReference | undefined): void {
  region[start] = end - start - 1;
  if (end === start + 1) return;
  let position = start + 2;
  if (clock) {
    region[start + 1] = clock.randomAccess ? 0x50 : 0x10;
    position = writeClockReference(region, position, clock.ticks);
  } else {
    region[start + 1] = 0x00;
  }
  region.fill(0xff, position, end);
}

/** Whether the packet at the start of `packets` has a clock reference. */
export function hasClockReference(packets: Buffer): boolean {
  const hasField = ((packets[3] ?? 0) & 0x20) !== 0;
  return (
    hasField && (packets[FIELD_LENGTH_POSITION] ?? 0) >= MIN_CLOCK_FIELD_LENGTH && ((packets[5] ?? 0) & 0x10) !== 0
  );
}

/** Changes the clock reference of the packet at the start of `packets`, which must have one. */
export function rewriteClockReference(packets: Buffer, ticks: number): void {
  writeClockReference(packets, CLOCK_REFERENCE_POSITION, ticks);
}

/** A packet without payload: an adaptation field with a clock reference. Its continuity counter is not set. */
export function clockReferencePacket(pid: number, ticks: number): Buffer {
  const packet = Buffer.alloc(PACKET_SIZE_BYTES);
  packet.set([SYNC_BYTE, pid >> 8, pid & 0xff, 0x20]);
  writeAdaptationField(packet, HEADER_SIZE_BYTES, PACKET_SIZE_BYTES, { ticks, randomAccess: false });
  return packet;
}

/** program_clock_reference_base in 33 bits, six reserved bits, an extension (27 MHz part) of zero. */
function writeClockReference(region: Buffer, position: number, ticks: number): number {
  const base = wrapTicks(ticks);
  region.writeUInt32BE(Math.floor(base / 2), position);
  region[position + 4] = ((base & 1) << 7) | 0x7e;
  region[position + 5] = 0x00;
  return position + 6;
}
