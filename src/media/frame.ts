/** The tracks of a program, or of a part of one. It always has H.264 video; audio is AAC or absent. */
export interface Program {
  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). */
  readonly videoConfig: Buffer;
  /** AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). */
  readonly audioConfig?: Buffer;
  /** In milliseconds, near the decoding time of its first frame; no frame of it is due before. */
  readonly startDtsMs: number;
}

/** One access unit. `data` is only valid during the call that passes it. */
export type Frame =
  | {
      readonly kind: 'video';
      /** Decoding time in milliseconds, not wrapped. */
      readonly dtsMs: number;
      /**
       * Presentation time minus decoding time, in milliseconds. Never negative, because no picture is shown before it is
       * decoded (ISO/IEC 13818-1 clause 2.7.4): the intake sees to that, for muxers and viewers.
       */
      readonly compositionMs: number;
      readonly keyFrame: boolean;
      /** NAL units, each after its length, whose size the configuration record gives (AVCC). */
      readonly data: Buffer;
    }
  | {
      readonly kind: 'audio';
      readonly dtsMs: number;
      /** One raw AAC frame without ADTS header. */
      readonly data: Buffer;
    };

/**
 * A part of an MPEG-TS stream that begins with an access unit. `packets` is a whole number of 188-byte packets, valid
 * only during the call that passes them: the muxer uses their memory again. The receiver may change them: it sets the
 * continuity counters and the clock references.
 */
export interface TsUnit {
  readonly track: 'video' | 'audio';
  /** Decoding time in 90 kHz ticks, not wrapped at 2^33. */
  readonly dtsTicks: number;
  readonly keyFrame: boolean;
  readonly packets: Buffer;
}

/** Receives the output of a muxer. */
export interface TsOutput {
  /** The tracks of the units that follow: video, and audio or not. The receiver writes the tables (PAT, PMT). */
  tables(hasAudio: boolean): void;
  unit(unit: TsUnit): void;
}
