/** The port for encoding AAC as Opus, the audio codec of WebRTC. Its adapters are optional. */

export interface OpusPacket {
  readonly data: Buffer;
  /**
   * In ticks of 48 kHz, not wrapped, on the timeline of the input frames. The first packet is before its frame by the
   * look-ahead of the encoder (312 ticks), so its time may be negative.
   */
  readonly ticks: number;
}

/** Encodes one AAC stream as Opus: 48 kHz stereo, packets of 20 ms. */
export interface OpusEncoder {
  /** `aacFrame`, without ADTS header, is only valid during the call. A frame that cannot be decoded is left out. */
  write(aacFrame: Buffer, dtsMs: number): void;
  /** No callback is called after it. */
  close(): void;
}

/**
 * @param audioConfig AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); when it changes a new encoder is needed
 * @param onFailure called at most once, and never while this or `write` runs; the encoder is closed then
 */
export type OpusEncoderFactory = (
  audioConfig: Buffer,
  onPacket: (packet: OpusPacket) => void,
  onFailure: (error: Error) => void,
) => OpusEncoder;

/** The RTP clock rate of Opus, for every sample rate. RFC 7587 clause 4.1. */
export const OPUS_RATE_HZ = 48_000;
export const OPUS_TICKS_PER_MS = OPUS_RATE_HZ / 1000;
export const PACKET_MS = 20;
export const PACKET_TICKS = PACKET_MS * OPUS_TICKS_PER_MS;
/** For stereo. RFC 7587 clause 3.1.1 says 64 to 128 kbit/s for music. */
export const BIT_RATE = 96_000;
/** Of libopus, 0 to 10. Ten needs nearly twice the CPU time and sounds the same at this bit rate. */
export const COMPLEXITY = 5;
