import type { Amf0Limits } from './amf0.ts';
import type { ChunkLimits } from './chunks.ts';

/** What one peer may cost us, in time and in memory. */
export interface RtmpLimits extends ChunkLimits {
  /** From the accepted connection to the end of the handshake. */
  readonly handshakeMs: number;
  /** From the accepted connection to the accepted publish. */
  readonly setupMs: number;
  /** A live publisher that sends no byte for this long is given up; noticed at most a tenth of it later. */
  readonly idleMs: number;
  /** How long a peer that we said goodbye to may take to read it and close. */
  readonly lingerMs: number;
  /** Bytes we wrote that the peer has not read: more than this and it is given up. */
  readonly maxOutgoingBytes: number;
  readonly amf0: Amf0Limits;
}

export const DEFAULT_RTMP_LIMITS: RtmpLimits = {
  handshakeMs: 5_000,
  setupMs: 10_000,
  // nginx-rtmp did not notice a stopped publisher within 40 s, SRS took 16 s.
  idleMs: 10_000,
  lingerMs: 2_000,
  // A key frame of 4K video at 100 Mbit/s stays below 2 MiB.
  maxMessageBytes: 8 * 1024 * 1024,
  // Encoders use three to six.
  maxChunkStreams: 64,
  maxBufferedBytes: 16 * 1024 * 1024,
  // A whole session of ours is some 4 KiB of answers, then 16 bytes for every window acknowledged.
  maxOutgoingBytes: 64 * 1024,
  amf0: { maxDepth: 16, maxValues: 4_096, maxStringBytes: 64 * 1024 },
};
