/** AAC in, Opus out: what browsers hear by WebRTC. Filled by an adapter, which may be absent. */

export interface OpusPacket {
  readonly data: Buffer;
  /**
   * In ticks of 48 kHz, not wrapped, on the timeline of the frames it was made from. That of the first packet lies before
   * its frame by what the encoder looks ahead (312 ticks), and may be negative.
   */
  readonly ticks: number;
}

/** One AAC stream turned into Opus: 48 kHz stereo, packets of 20 ms. */
export interface OpusEncoder {
  /** `aacFrame`, without ADTS header, is only valid during the call. One that cannot be decoded is left out. */
  write(aacFrame: Buffer, dtsMs: number): void;
  /** Nothing is called back any more. */
  close(): void;
}

/**
 * @param audioConfig AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); a stream that changes it needs a new encoder
 * @param onFailure called at most once, and never while this or `write` runs; the encoder is closed then
 */
export type OpusEncoderFactory = (
  audioConfig: Buffer,
  onPacket: (packet: OpusPacket) => void,
  onFailure: (error: Error) => void,
) => OpusEncoder;

/** RTP counts Opus at this rate whatever the sound was sampled at. RFC 7587 clause 4.1. */
export const OPUS_RATE_HZ = 48_000;
export const OPUS_TICKS_PER_MS = OPUS_RATE_HZ / 1000;
export const PACKET_MS = 20;
export const PACKET_TICKS = PACKET_MS * OPUS_TICKS_PER_MS;
/** Stereo, and more than enough for it. RFC 7587 clause 3.1.1 says 64 to 128 kbit/s for music. */
export const BIT_RATE = 96_000;
/** Of libopus, 0 to 10. Ten costs nearly twice as much and is not to be told from it at this bit rate. */
export const COMPLEXITY = 5;
