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

/** Bytes after which an acknowledgement is sent, to a peer that set no window. */
const DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES = 2_500_000;

/**
 * What both ends of a connection do after the handshake: chunks to messages and back, chunk sizes, acknowledgements,
 * pings, and splitting aggregates. Bytes are pushed, messages are pulled.
 */
export class RtmpTransport {
  readonly #write: (bytes: Buffer) => void;
  readonly #reader: ChunkReader;
  #aggregate: Generator<RtmpMessage, undefined> | undefined;
  #outgoingChunkSizeBytes = DEFAULT_CHUNK_SIZE_BYTES;
  #windowBytes = DEFAULT_ACKNOWLEDGEMENT_WINDOW_BYTES;
  #announcedWindowBytes = 0;
  /** The count that acknowledgements report; it includes the handshake. */
  #receivedBytes = HANDSHAKE_BYTES;
  #acknowledgedBytes = 0;

  constructor(write: (bytes: Buffer) => void, limits: ChunkLimits) {
    this.#write = write;
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
   * The next command, data, audio or video message; messages of the transport itself are handled here. Undefined when
   * more bytes are needed.
   *
   * @throws RtmpProtocolError when the bytes break the protocol or a limit
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
    this.#write(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  }

  #encode(message: OutgoingMessage): Buffer {
    const bytes = encodeChunks(message, this.#outgoingChunkSizeBytes);
    if (message.typeId === MESSAGE_TYPE.setChunkSize) this.#outgoingChunkSizeBytes = readControlValue(message);
    return bytes;
  }

  /** Handles the transport's own messages; false for those that are the owner's. */
  #consume(message: RtmpMessage): boolean {
    switch (message.typeId) {
      case MESSAGE_TYPE.setChunkSize:
        this.#reader.setChunkSize(readControlValue(message));
        return true;
      case MESSAGE_TYPE.abort:
        this.#reader.abort(readControlValue(message));
        return true;
      case MESSAGE_TYPE.acknowledgement:
        return true;
      case MESSAGE_TYPE.userControl:
        this.#answerPing(message);
        return true;
      case MESSAGE_TYPE.windowAcknowledgementSize:
        this.#windowBytes = Math.max(1, readControlValue(message));
        return true;
      case MESSAGE_TYPE.setPeerBandwidth:
        this.#announceWindow(readControlValue(message));
        return true;
      case MESSAGE_TYPE.aggregate:
        // Copied because it is split over several calls; a payload is only valid until the next message.
        this.#aggregate = splitAggregate({ ...message, payload: Buffer.from(message.payload) });
        return true;
      default:
        return false;
    }
  }

  #nextOfAggregate(): RtmpMessage | undefined {
    const message = this.#aggregate?.next().value;
    if (!message) this.#aggregate = undefined;
    return message;
  }

  #answerPing({ payload }: RtmpMessage): void {
    if (payload.length >= 6 && payload.readUInt16BE(0) === USER_CONTROL_EVENT.pingRequest) {
      this.send(userControl(USER_CONTROL_EVENT.pingResponse, payload.readUInt32BE(2)));
    }
  }

  /** Set Peer Bandwidth is answered with our window, unless it is the one last sent; clause 5.4.5. */
  #announceWindow(sizeBytes: number): void {
    if (sizeBytes === this.#announcedWindowBytes) return;
    this.#announcedWindowBytes = sizeBytes;
    this.send(windowAcknowledgementSize(sizeBytes));
  }
}
