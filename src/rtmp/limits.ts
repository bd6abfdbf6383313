import type { Amf0Limits } from './amf0.ts';
import type { ChunkLimits } from './chunks.ts';

/** How much time and memory one peer may use. */
export interface RtmpLimits extends ChunkLimits {
  /** From the accepted connection to the end of the handshake. */
  readonly handshakeMs: number;
  /** From the accepted connection, or from the end of a push, to the accepted publish. */
  readonly setupMs: number;
  /** A publisher that sends no byte for this long is disconnected, at most a tenth of it later. */
  readonly idleMs: number;
  /** How long a peer may take to read the last messages and close. */
  readonly lingerMs: number;
  /** A peer is disconnected when it has more than this of our bytes unread. */
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
  // A whole push needs about 4 KiB of answers, then 16 bytes for every window acknowledged.
  maxOutgoingBytes: 64 * 1024,
  amf0: { maxDepth: 16, maxValues: 4_096, maxStringBytes: 64 * 1024 },
};
