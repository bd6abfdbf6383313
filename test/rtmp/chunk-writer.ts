import type { OutgoingMessage } from '../../src/rtmp/chunks.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';

interface Sent {
  readonly message: OutgoingMessage;
  readonly deltaMs: number;
}

/** A message of which some chunks are written. */
interface Begun {
  readonly message: OutgoingMessage;
  at: number;
}

const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;

/**
 * Writes messages as a peer may: with the shortest header that is possible (RTMP 1.0, clause 5.3.1.2) or a longer one,
 * and with chunks of one message between those of another. It follows the chunk size that it sends.
 */
export class ChunkWriter {
  readonly #sent = new Map<number, Sent>();
  #chunkSizeBytes = 128;

  /**
   * The chunks of all lanes, each lane in its order. Lanes must have chunk streams of their own.
   *
   * @param choose a number below its argument: which lane writes its next chunk, and which header is used
   */
  interleave(lanes: readonly (readonly OutgoingMessage[])[], choose: (count: number) => number): Buffer {
    const waiting = lanes.map((lane) => [...lane]);
    const begun: (Begun | undefined)[] = lanes.map(() => undefined);
    const chunks: Buffer[] = [];
    for (;;) {
      const open = waiting.flatMap((lane, index) => (lane.length > 0 || begun[index] ? [index] : []));
      const lane = open[choose(open.length)];
      if (lane === undefined) return Buffer.concat(chunks);
      const next = begun[lane] ?? this.#begin(waiting[lane]?.shift());
      if (!next) continue;
      const isFirst = next.at === 0;
      chunks.push(isFirst ? this.#firstHeader(next.message, choose) : basicHeader(3, next.message.chunkStreamId));
      const end = Math.min(next.at + this.#chunkSizeBytes, next.message.payload.length);
      chunks.push(next.message.payload.subarray(next.at, end));
      next.at = end;
      const isComplete = end === next.message.payload.length;
      begun[lane] = isComplete ? undefined : next;
      if (isComplete && next.message.typeId === MESSAGE_TYPE.setChunkSize) {
        this.#chunkSizeBytes = next.message.payload.readUInt32BE(0);
      }
    }
  }

  #begin(message: OutgoingMessage | undefined): Begun | undefined {
    return message && { message, at: 0 };
  }

  #firstHeader(message: OutgoingMessage, choose: (count: number) => number): Buffer {
    const before = this.#sent.get(message.chunkStreamId);
    const type = choose(this.#shortestType(message, before) + 1);
    const deltaMs = type === 0 || !before ? message.timestampMs : message.timestampMs - before.message.timestampMs;
    this.#sent.set(message.chunkStreamId, { message, deltaMs });
    const header = Buffer.alloc(11);
    header.writeUIntBE(deltaMs, 0, 3);
    header.writeUIntBE(message.payload.length, 3, 3);
    header.writeUInt8(message.typeId, 6);
    header.writeUInt32LE(message.messageStreamId, 7);
    const basic = basicHeader(type, message.chunkStreamId);
    return Buffer.concat([basic, header.subarray(0, MESSAGE_HEADER_BYTES[type] ?? 0)]);
  }

  #shortestType(message: OutgoingMessage, before: Sent | undefined): number {
    const deltaMs = before ? message.timestampMs - before.message.timestampMs : -1;
    if (!before || deltaMs < 0 || message.messageStreamId !== before.message.messageStreamId) return 0;
    const isAlike =
      message.typeId === before.message.typeId && message.payload.length === before.message.payload.length;
    if (!isAlike) return 1;
    return deltaMs === before.deltaMs ? 3 : 2;
  }
}

function basicHeader(type: number, chunkStreamId: number): Buffer {
  if (chunkStreamId < 64) return Buffer.of((type << 6) | chunkStreamId);
  const rest = chunkStreamId - 64;
  return rest < 256 ? Buffer.of(type << 6, rest) : Buffer.of((type << 6) | 1, rest & 0xff, rest >> 8);
}
