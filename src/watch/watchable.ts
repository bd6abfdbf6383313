/** A stream that can be watched while it is pushed. `ingest` implements it; `watch` sends it to viewers. */
import type { Frame } from '../media/frame.ts';
import type { MediaStat } from '../media/stat.ts';

/** What takes the frames of a stream: a segmenter, or what sends them to viewers. */
export interface FrameOutput {
  /** A new or repeated AVCDecoderConfigurationRecord that can be read. */
  videoConfig(record: Buffer): unknown;
  /** A new or repeated AudioSpecificConfig that can be read. */
  audioConfig(config: Buffer): unknown;
  /** `false` asks the caller to wait before the next frame. `frame.data` is only valid during the call. */
  write(frame: Frame): boolean;
  /** The encoder's clock jumped; the times of the frames go on. */
  discontinuity(): void;
}

/** What sends a stream to viewers. It never makes the publisher wait. */
export interface StreamOutput extends FrameOutput {
  /**
   * The stream has ended: no frame follows.
   *
   * @param isFinal the emulator ended it, because it is forbidden for example: the publisher is not expected back
   */
  ended(isFinal: boolean): void;
}

export interface WatchableStream {
  /**
   * The frames since the latest key frame, that one first, so that a viewer need not wait for the next. Empty before the
   * first key frame, and when they are too large to be kept. The frames are copies and do not change.
   */
  recent(): readonly Frame[];
  stat(): MediaStat;
  /** Gives the output the latest configurations, then every frame that comes, until the returned function is called. */
  watch(output: StreamOutput): () => void;
}
