import { RtmpProtocolError } from './protocol-error.ts';

/**
 * The chunk stream of RTMP 1.0, clause 5.3: messages cut into chunks and interleaved. Reading is incremental and
 * synchronous: bytes are pushed in pieces of any size, messages are pulled, so that the owner can stop between two.
 */

/** A whole message. */
export interface RtmpMessage {
  readonly typeId: number;
  readonly messageStreamId: number;
  /** Milliseconds modulo 2^32. */
  readonly timestampMs: number;
  readonly payload: Buffer;
}

export interface ChunkLimits {
  readonly maxMessageBytes: number;
  /** Chunk streams a connection may open; they are never closed. */
  readonly maxChunkStreams: number;
  /** Memory for messages that have begun and are not complete. */
  readonly maxBufferedBytes: number;
}

/** Until a side sets another one; clause 5.4.1. */
export const DEFAULT_CHUNK_SIZE_BYTES = 128;

const EXTENDED_TIMESTAMP = 0xffffff;
/** Message header sizes of chunk types 0 to 3; clause 5.3.1.2. */
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;
/** Basic header 3, message header 11, extended timestamp 4. */
const MAX_HEADER_BYTES = 18;
/** A message announces up to 16 MiB in three bytes. Memory beyond this follows only when its bytes arrive. */
const FIRST_ALLOCATION_BYTES = 64 * 1024;
/** Memory for assembling messages comes in multiples of this, so that it soon fits every message of its stream. */
const ALLOCATION_STEP_BYTES = 4 * 1024;
/** What a chunk stream keeps for its next message: the key frames of a stream of 2 Mbit/s fit. */
const MAX_KEPT_BYTES = 128 * 1024;
const NO_BYTES: Buffer = Buffer.alloc(0);

interface ChunkStream {
  timestampMs: number;
  /** The timestamp or delta last sent; type 3 chunks that begin a message repeat it. */
  timestampField: number;
  /** The last type 0, 1 or 2 chunk had an extended timestamp, so type 3 chunks have one too. */
  extended: boolean;
  lengthBytes: number;
  typeId: number;
  messageStreamId: number;
  /** A message has begun and is not complete. */
  open: boolean;
  receivedBytes: number;
  /** The message, when it lies in the pushed bytes in one piece. */
  whole: Buffer | undefined;
  /** Where messages are put together that do not; used again for the next one. */
  assembly: Buffer;
}

/** Bytes in, messages out. It must not be used again after it has thrown. */
export class ChunkReader {
  readonly #limits: ChunkLimits;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSizeBytes = DEFAULT_CHUNK_SIZE_BYTES;
  #data: Buffer = NO_BYTES;
  #at = 0;
  /** A header whose bytes did not all arrive together. */
  readonly #splitHeader = Buffer.alloc(MAX_HEADER_BYTES);
  #splitHeaderBytes = 0;
  /** The stream of the chunk being read, and how much of that chunk is missing. */
  #current: ChunkStream | undefined;
  #chunkLeftBytes = 0;
  #bufferedBytes = 0;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  /** Takes bytes. They must not change until every message in them was pulled, or `keepUnread` was called. */
  push(data: Buffer): void {
    this.#data = this.#at === this.#data.length ? data : Buffer.concat([this.#data.subarray(this.#at), data]);
    this.#at = 0;
  }

  /** Copies what was pushed and not pulled. */
  keepUnread(): void {
    if (this.#at === this.#data.length) return;
    this.#data = Buffer.from(this.#data.subarray(this.#at));
    this.#at = 0;
  }

  /**
   * The next complete message, or undefined when more bytes are needed. Its payload is only valid until the next call:
   * it is a view of the pushed bytes, or of memory in which later messages are put together.
   *
   * @throws RtmpProtocolError when the bytes are not a chunk stream or exceed a limit
   */
  next(): RtmpMessage | undefined {
    for (;;) {
      const stream = this.#current ?? this.#readHeader();
      if (!stream) break;
      this.#readPayload(stream);
      if (this.#current) break;
      if (stream.receivedBytes === stream.lengthBytes) return this.#complete(stream);
    }
    this.#data = NO_BYTES;
    this.#at = 0;
    return undefined;
  }

  /**
   * Set Chunk Size, clause 5.4.1. Any size in its range is accepted: chunks are not buffered as such, and none can be
   * longer than its message.
   * @throws RtmpProtocolError when the size is out of range
   */
  setChunkSize(sizeBytes: number): void {
    if (sizeBytes < 1 || sizeBytes > 0x7fffffff) throw new RtmpProtocolError(`chunk size ${sizeBytes} is out of range`);
    this.#chunkSizeBytes = sizeBytes;
  }

  /** Abort Message, clause 5.4.2: the unfinished message of a chunk stream is dropped. */
  abort(chunkStreamId: number): void {
    const stream = this.#streams.get(chunkStreamId);
    if (stream) this.#release(stream);
  }

  /** Reads one chunk header and makes its stream current; undefined when it is not all there yet. */
  #readHeader(): ChunkStream | undefined {
    const begun = this.#splitHeaderBytes;
    if (begun === 0) {
      const usedBytes = this.#parseHeader(this.#data, this.#at, this.#data.length);
      if (usedBytes === 0) this.#splitHeaderBytes = this.#data.copy(this.#splitHeader, 0, this.#at);
      this.#at += usedBytes;
      return this.#current;
    }
    const added = this.#data.copy(this.#splitHeader, begun, this.#at);
    const usedBytes = this.#parseHeader(this.#splitHeader, 0, begun + added);
    this.#splitHeaderBytes = usedBytes === 0 ? begun + added : 0;
    if (usedBytes >= begun) {
      // The first `begun` bytes were consumed with an earlier buffer.
      this.#at += usedBytes - begun;
    } else if (usedBytes > 0) {
      // The bytes kept as a possible extended timestamp turned out to be payload.
      const kept = Buffer.from(this.#splitHeader.subarray(usedBytes, begun));
      this.#data = Buffer.concat([kept, this.#data.subarray(this.#at)]);
      this.#at = 0;
    }
    return this.#current;
  }

  /** Reads the header at `at` and applies it. Returns its size, or 0, and changes nothing, when it is not all there. */
  #parseHeader(bytes: Buffer, at: number, end: number): number {
    if (at === end) return 0;
    const firstByte = bytes.readUInt8(at);
    const type = firstByte >> 6;
    const shortId = firstByte & 0x3f;
    const basicBytes = shortId === 0 ? 2 : shortId === 1 ? 3 : 1;
    const fieldsAt = at + basicBytes;
    let payloadAt = fieldsAt + (MESSAGE_HEADER_BYTES[type] ?? 0);
    if (end < payloadAt) return 0;

    const id = basicBytes === 1 ? shortId : 64 + bytes.readUIntLE(at + 1, basicBytes - 1);
    const known = this.#streams.get(id);
    let timestampField = type === 3 ? (known?.timestampField ?? 0) : bytes.readUIntBE(fieldsAt, 3);
    const extended = type === 3 ? known?.extended === true : timestampField === EXTENDED_TIMESTAMP;
    if (extended) {
      if (end < payloadAt + 4) return 0;
      const value = bytes.readUInt32BE(payloadAt);
      // Some encoders leave the field out of the chunks that continue a message, against clause 5.3.1.3. Like SRS we
      // recognize it by its value, which repeats the one of the first chunk.
      const isPayload = type === 3 && known?.open === true && value !== timestampField;
      if (!isPayload) payloadAt += 4;
      if (type !== 3) timestampField = value;
    }

    const stream = known ?? this.#openStream(id, type);
    if (type !== 3) {
      if (stream.open) throw new RtmpProtocolError(`a message on chunk stream ${id} began inside another`);
      stream.timestampField = timestampField;
      stream.extended = extended;
    }
    if (type <= 1) {
      stream.lengthBytes = bytes.readUIntBE(fieldsAt + 3, 3);
      stream.typeId = bytes.readUInt8(fieldsAt + 6);
    }
    if (type === 0) stream.messageStreamId = bytes.readUInt32LE(fieldsAt + 7);
    this.#beginChunk(stream, type);
    return payloadAt - at;
  }

  #beginChunk(stream: ChunkStream, type: number): void {
    if (!stream.open) this.#openMessage(stream, type);
    this.#current = stream;
    this.#chunkLeftBytes = Math.min(this.#chunkSizeBytes, stream.lengthBytes - stream.receivedBytes);
  }

  #openStream(id: number, type: number): ChunkStream {
    // Type 1 is accepted as the first chunk: old librtmp begins stream 2 with it, for a ping.
    if (type >= 2) throw new RtmpProtocolError(`chunk stream ${id} began with a chunk of type ${type}`);
    if (this.#streams.size >= this.#limits.maxChunkStreams) {
      throw new RtmpProtocolError(`more than ${this.#limits.maxChunkStreams} chunk streams`);
    }
    const stream: ChunkStream = {
      timestampMs: 0,
      timestampField: 0,
      extended: false,
      lengthBytes: 0,
      typeId: 0,
      messageStreamId: 0,
      open: false,
      receivedBytes: 0,
      whole: undefined,
      assembly: NO_BYTES,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #openMessage(stream: ChunkStream, type: number): void {
    if (stream.lengthBytes > this.#limits.maxMessageBytes) {
      throw new RtmpProtocolError(`message of ${stream.lengthBytes} bytes exceeds ${this.#limits.maxMessageBytes}`);
    }
    // A type 3 chunk after one of type 0 repeats its timestamp as a delta, clause 5.3.1.2.4. ffmpeg relies on it.
    stream.timestampMs = type === 0 ? stream.timestampField : (stream.timestampMs + stream.timestampField) >>> 0;
    stream.open = true;
  }

  /** Takes what is there of the current chunk; when the chunk is complete no stream is current. */
  #readPayload(stream: ChunkStream): void {
    const start = this.#at;
    const taken = Math.min(this.#chunkLeftBytes, this.#data.length - start);
    this.#at = start + taken;
    if (taken === stream.lengthBytes) {
      stream.whole = this.#data.subarray(start, this.#at);
    } else if (taken > 0) {
      this.#reserve(stream, stream.receivedBytes + taken);
      this.#data.copy(stream.assembly, stream.receivedBytes, start, this.#at);
    }
    stream.receivedBytes += taken;
    this.#chunkLeftBytes -= taken;
    if (this.#chunkLeftBytes === 0) this.#current = undefined;
  }

  /** Makes room for `neededBytes` of the message: doubling, up to its length. */
  #reserve(stream: ChunkStream, neededBytes: number): void {
    const capacity = stream.assembly.length;
    if (neededBytes <= capacity) return;
    const enough = Math.ceil(stream.lengthBytes / ALLOCATION_STEP_BYTES) * ALLOCATION_STEP_BYTES;
    const grown = Math.min(enough, Math.max(neededBytes, 2 * capacity, FIRST_ALLOCATION_BYTES));
    if (this.#bufferedBytes + grown - capacity > this.#limits.maxBufferedBytes) {
      throw new RtmpProtocolError(`unfinished messages exceed ${this.#limits.maxBufferedBytes} bytes`);
    }
    const assembly = Buffer.allocUnsafeSlow(grown);
    stream.assembly.copy(assembly, 0, 0, stream.receivedBytes);
    this.#hold(stream, assembly);
  }

  #complete(stream: ChunkStream): RtmpMessage {
    const { typeId, messageStreamId, timestampMs, lengthBytes, whole, assembly } = stream;
    this.#release(stream);
    return { typeId, messageStreamId, timestampMs, payload: whole ?? assembly.subarray(0, lengthBytes) };
  }

  #release(stream: ChunkStream): void {
    stream.open = false;
    stream.receivedBytes = 0;
    stream.whole = undefined;
    if (stream.assembly.length > MAX_KEPT_BYTES) this.#hold(stream, NO_BYTES);
  }

  #hold(stream: ChunkStream, assembly: Buffer): void {
    this.#bufferedBytes += assembly.length - stream.assembly.length;
    stream.assembly = assembly;
  }
}

/** A message and where it travels. */
export interface OutgoingMessage extends RtmpMessage {
  /** 2 to 63; 2 is for protocol control, clause 5.3.1.1. */
  readonly chunkStreamId: number;
}

/** Cuts a message into a chunk of type 0 and chunks of type 3. */
export function encodeChunks(message: OutgoingMessage, chunkSizeBytes: number): Buffer {
  const { chunkStreamId, timestampMs, payload } = message;
  const extendedBytes = timestampMs >= EXTENDED_TIMESTAMP ? 4 : 0;
  const continuations = Math.max(0, Math.ceil(payload.length / chunkSizeBytes) - 1);
  const bytes = Buffer.allocUnsafe(12 + payload.length + continuations + extendedBytes * (continuations + 1));
  bytes.writeUInt8(chunkStreamId, 0);
  bytes.writeUIntBE(Math.min(timestampMs, EXTENDED_TIMESTAMP), 1, 3);
  bytes.writeUIntBE(payload.length, 4, 3);
  bytes.writeUInt8(message.typeId, 7);
  bytes.writeUInt32LE(message.messageStreamId, 8);
  let at = 12;
  for (let sent = 0; ; ) {
    if (extendedBytes > 0) at = bytes.writeUInt32BE(timestampMs, at);
    const end = Math.min(sent + chunkSizeBytes, payload.length);
    at += payload.copy(bytes, at, sent, end);
    sent = end;
    if (sent === payload.length) return bytes;
    at = bytes.writeUInt8(0xc0 | chunkStreamId, at);
  }
}
