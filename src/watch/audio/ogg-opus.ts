/** Reads Opus from Ogg as it arrives. RFC 3533 clause 6 (pages), RFC 7845 (Opus in them). */
import { PACKET_TICKS } from './opus-encoder.ts';

const CAPTURE_PATTERN = 0x4f676753; // OggS
const PAGE_HEADER_SIZE_BYTES = 27;
const SEGMENT_SIZE_BYTES = 255;
/** An Opus packet of 20 ms has at most 1275 bytes; the comment packet of ffmpeg is larger, but below this. */
const MAX_PACKET_SIZE_BYTES = 64 * 1024;
const OPUS_HEAD = 'OpusHead';
const PRE_SKIP_OFFSET = 10;
/** The identification header and the comment header come before the audio. */
const HEADER_PACKETS = 2;

/** @param startTicks position of the packet in the encoded audio; negative within the pre-skip of the encoder */
export type OggOpusSink = (data: Buffer, startTicks: number) => void;

/** Reads a stream whose packets all last 20 ms, in chunks of any size. */
export class OggOpusReader {
  readonly #sink: OggOpusSink;
  #pending: Buffer = Buffer.alloc(0);
  /** The first part of a packet that continues in the next segment or page. */
  #pieces: Buffer[] = [];
  #piecesSizeBytes = 0;
  #headersRead = 0;
  #preSkipTicks = 0;

  constructor(sink: OggOpusSink) {
    this.#sink = sink;
  }

  /** @throws RangeError when this is not Opus in Ogg */
  push(chunk: Buffer): void {
    let rest = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    for (let size = pageSizeBytes(rest); size !== undefined; size = pageSizeBytes(rest)) {
      this.#page(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    // Copied: the chunk belongs to the caller.
    this.#pending = Buffer.from(rest);
  }

  #page(page: Buffer): void {
    const packets = this.#packets(page);
    const sound = packets.filter((packet) => !this.#takeHeader(packet));
    // The granule position is the end of the last packet that ends on the page, pre-skip included.
    const endTicks = Number(page.readBigInt64LE(6)) - this.#preSkipTicks;
    for (const [index, packet] of sound.entries()) this.#sink(packet, endTicks - (sound.length - index) * PACKET_TICKS);
  }

  /** The packets that end on the page. */
  #packets(page: Buffer): readonly Buffer[] {
    const segments = page.readUInt8(26);
    const packets: Buffer[] = [];
    let at = PAGE_HEADER_SIZE_BYTES + segments;
    for (const size of page.subarray(PAGE_HEADER_SIZE_BYTES, at)) {
      this.#pieces.push(Buffer.from(page.subarray(at, at + size)));
      this.#piecesSizeBytes += size;
      at += size;
      if (this.#piecesSizeBytes > MAX_PACKET_SIZE_BYTES) throw new RangeError('an Ogg packet is too large');
      if (size === SEGMENT_SIZE_BYTES) continue;
      packets.push(Buffer.concat(this.#pieces, this.#piecesSizeBytes));
      this.#pieces = [];
      this.#piecesSizeBytes = 0;
    }
    return packets;
  }

  #takeHeader(packet: Buffer): boolean {
    if (this.#headersRead >= HEADER_PACKETS) return false;
    if (this.#headersRead === 0) {
      if (packet.toString('latin1', 0, OPUS_HEAD.length) !== OPUS_HEAD) throw new RangeError('not Opus in Ogg');
      this.#preSkipTicks = packet.readUInt16LE(PRE_SKIP_OFFSET);
    }
    this.#headersRead++;
    return true;
  }
}

/**
 * `undefined` while the page is incomplete.
 *
 * @throws RangeError when this is not an Ogg page
 */
function pageSizeBytes(data: Buffer): number | undefined {
  if (data.length < PAGE_HEADER_SIZE_BYTES) return undefined;
  if (data.readUInt32BE(0) !== CAPTURE_PATTERN) throw new RangeError('not an Ogg page');
  const headerSizeBytes = PAGE_HEADER_SIZE_BYTES + data.readUInt8(26);
  if (data.length < headerSizeBytes) return undefined;
  let sizeBytes = headerSizeBytes;
  for (const segment of data.subarray(PAGE_HEADER_SIZE_BYTES, headerSizeBytes)) sizeBytes += segment;
  return data.length < sizeBytes ? undefined : sizeBytes;
}
