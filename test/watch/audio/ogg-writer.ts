/** Opus packets as an Ogg file, so that other programs can play them. RFC 3533 clause 6, RFC 7845 clause 5. */

/** The look-ahead of the encoder, which a player discards. */
export const PRE_SKIP_TICKS = 312;
const PACKET_TICKS = 960;

export interface PageOptions {
  /** The last packet is incomplete: the rest is on the next page. */
  readonly unfinished?: boolean;
  readonly continued?: boolean;
}

export function oggOpus(packets: readonly Buffer[]): Buffer {
  const sound = packets.map((packet, index) => oggPage(index + 2, (index + 1) * PACKET_TICKS, [packet]));
  return Buffer.concat([opusHeaders(), ...sound]);
}

export function opusHeaders(): Buffer {
  const head = Buffer.from('OpusHead\x01\x02\0\0\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16LE(PRE_SKIP_TICKS, 10);
  head.writeUInt32LE(48_000, 12);
  const tags = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1');
  return Buffer.concat([oggPage(0, 0, [head]), oggPage(1, 0, [tags])]);
}

export function oggPage(
  sequence: number,
  granule: number,
  packets: readonly Buffer[],
  options: PageOptions = {},
): Buffer {
  const segments = packets.flatMap((packet, index) => {
    const whole = new Array<number>(Math.floor(packet.length / 255)).fill(255);
    const cut = options.unfinished === true && index === packets.length - 1;
    return cut ? whole : [...whole, packet.length % 255];
  });
  const header = Buffer.alloc(27);
  header.write('OggS');
  header[5] = (options.continued ? 1 : 0) | (sequence === 0 ? 2 : 0);
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(1, 14);
  header.writeUInt32LE(sequence, 18);
  header[26] = segments.length;
  const page = Buffer.concat([header, Buffer.from(segments), ...packets]);
  page.writeUInt32LE(crc32(page), 22);
  return page;
}

/** Polynomial 0x04c11db7, neither reflected nor inverted: not that of zlib. */
function crc32(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
