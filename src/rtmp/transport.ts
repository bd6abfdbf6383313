import type { OutgoingMessage, RtmpMessage } from './chunks.ts';
import { type ChunkLimits, ChunkReader, DEFAULT_CHUNK_SIZE_BYTES, encodeChunks } from './chunks.ts';
import { HANDSHAKE_BYTES } from './handshake.ts';
import {
  acknowledgement,
  MESSAGE_TYPE,
  readControlValue,
  splitAggregate,
  USER_CONTROL_EVENT,
  userControl,
  windowAcknowledgementSize,
} from './messages.ts';
import { RtmpProtocolError } from './protocol-error.ts';
import type { OnSkipped } from './skipped-messages.ts';

/** What the transport needs of its owner. */
export interface TransportCarrier {
  write(bytes: Buffer): void;
  readonly skipped: OnSkipped;
}

/** Event type and one number: no event has less. */
const USER_CONTROL_BYTES = 6;

/**
 * What both ends of a connection do after the handshake: chunks to messages and back, chunk sizes, acknowledgements,
 * pings, and splitting aggregates. Bytes are pushed, messages are pulled.
 */
export class RtmpTransport {
  readonly #carrier: TransportCarrier;
  readonly #reader: ChunkReader;
  #aggregate: Generator<RtmpMessage, undefined> | undefined;
  #outgoingChunkSizeBytes = DEFAULT_CHUNK_SIZE_BYTES;
  /**
   * Of the peer, which asks for acknowledgements by it. One that sets none gets none, as from nginx-rtmp: what arrives after it has
   * closed its socket makes its system drop what it has not sent yet, such as the end of a file that ffmpeg pushes as fast as it is
   * read.
   */
  #windowBytes = Infinity;
  #announcedWindowBytes = 0;
  /** The count that acknowledgements report; it includes the handshake. */
  #receivedBytes = HANDSHAKE_BYTES;
  #acknowledgedBytes = 0;

  constructor(carrier: TransportCarrier, limits: ChunkLimits) {
    this.#carrier = carrier;
    this.#reader = new ChunkReader(limits);
  }

  push(data: Buffer): void {
    this.#receivedBytes += data.length;
    if (this.#receivedBytes - this.#acknowledgedBytes >= this.#windowBytes) {
      this.#acknowledgedBytes = this.#receivedBytes;
      this.send(acknowledgement(this.#receivedBytes));
    }
    this.#reader.push(data);
  }

  /** Copies what was pushed and not pulled; the pushed bytes may change from now on. */
  keepUnread(): void {
    this.#reader.keepUnread();
  }

  /**
   * The next command, data, audio or video message, or one of an unknown type; messages of the transport itself are
   * handled here. Undefined when more bytes are needed.
   *
   * @throws RtmpProtocolError when the bytes are not chunks, the size of chunks is invalid, or a limit is exceeded
   */
  next(): RtmpMessage | undefined {
    for (;;) {
      const message = this.#nextOfAggregate() ?? this.#reader.next();
      if (!message || !this.#consume(message)) return message;
    }
  }

  /** Sends messages in one write. */
  send(...messages: readonly OutgoingMessage[]): void {
    const chunks = messages.map((message) => this.#encode(message));
    const [only] = chunks;
    this.#carrier.write(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  }

  #encode(message: OutgoingMessage): Buffer {
    const bytes = encodeChunks(message, this.#outgoingChunkSizeBytes);
    if (message.typeId === MESSAGE_TYPE.setChunkSize) this.#outgoingChunkSizeBytes = message.payload.readUInt32BE(0);
    return bytes;
  }

  /** Handles the transport's own messages; false for those that are the owner's. */
  #consume(message: RtmpMessage): boolean {
    switch (message.typeId) {
      case MESSAGE_TYPE.setChunkSize:
        this.#onSetChunkSize(message);
        return true;
      case MESSAGE_TYPE.abort:
        this.#withValue('an Abort message', message, (chunkStreamId) => this.#reader.abort(chunkStreamId));
        return true;
      case MESSAGE_TYPE.acknowledgement:
        return true;
      case MESSAGE_TYPE.userControl:
        this.#onUserControl(message);
        return true;
      case MESSAGE_TYPE.windowAcknowledgementSize:
        this.#withValue('a Window Acknowledgement Size', message, (sizeBytes) => {
          this.#windowBytes = Math.max(1, sizeBytes);
        });
        return true;
      case MESSAGE_TYPE.setPeerBandwidth:
        this.#withValue('a Set Peer Bandwidth', message, (sizeBytes) => this.#announceWindow(sizeBytes));
        return true;
      case MESSAGE_TYPE.aggregate:
        // Copied because it is split over several calls; a payload is only valid until the next message.
        this.#aggregate = splitAggregate({ ...message, payload: Buffer.from(message.payload) }, this.#carrier.skipped);
        return true;
      default:
        return false;
    }
  }

  /** Without the size, nothing that follows can be read. */
  #onSetChunkSize(message: RtmpMessage): void {
    const sizeBytes = readControlValue(message);
    if (sizeBytes === undefined) throw new RtmpProtocolError('Set Chunk Size is cut short');
    this.#reader.setChunkSize(sizeBytes);
  }

  #withValue(what: string, message: RtmpMessage, use: (value: number) => void): void {
    const value = readControlValue(message);
    if (value === undefined) this.#carrier.skipped(what, `it has ${message.payload.length} bytes`);
    else use(value);
  }

  #nextOfAggregate(): RtmpMessage | undefined {
    const message = this.#aggregate?.next().value;
    if (!message) this.#aggregate = undefined;
    return message;
  }

  #onUserControl({ payload }: RtmpMessage): void {
    if (payload.length < USER_CONTROL_BYTES) {
      this.#carrier.skipped('a user control message', `it has ${payload.length} bytes`);
      return;
    }
    const event = payload.readUInt16BE(0);
    switch (event) {
      case USER_CONTROL_EVENT.pingRequest:
        this.send(userControl(USER_CONTROL_EVENT.pingResponse, payload.readUInt32BE(2)));
        break;
      case USER_CONTROL_EVENT.setBufferLength:
      case USER_CONTROL_EVENT.pingResponse:
        break;
      default:
        this.#carrier.skipped(`the user control event ${event}`, 'it is not known');
    }
  }

  /** Set Peer Bandwidth is answered with our window, unless it is the one last sent; clause 5.4.5. */
  #announceWindow(sizeBytes: number): void {
    if (sizeBytes === this.#announcedWindowBytes) return;
    this.#announcedWindowBytes = sizeBytes;
    this.send(windowAcknowledgementSize(sizeBytes));
  }
}
