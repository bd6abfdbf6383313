/** A stream that others watch while it is pushed: what the side that shows it needs to know. Filled by the ingest side. */

import type { Frame } from '../media/frame.ts';
import type { MediaStat } from '../media/stat.ts';

/** What takes the frames of a stream: a segmenter, or whoever shows them to viewers. */
export interface FrameOutput {
  /** A new or repeated AVCDecoderConfigurationRecord, one that can be read. */
  videoConfig(record: Buffer): unknown;
  /** A new or repeated AudioSpecificConfig, one that can be read. */
  audioConfig(config: Buffer): unknown;
  /** `false` asks the caller to stop for a while. `frame.data` is only valid during the call. */
  write(frame: Frame): boolean;
  /** The timeline jumped. */
  discontinuity(): void;
}

/** What shows a stream to viewers. It never makes the publisher wait, and hears when there is nothing more to come. */
export interface StreamOutput extends FrameOutput {
  ended(): void;
}

export interface WatchableStream {
  /**
   * What was pushed since the latest key frame, that one first, so that a viewer need not wait for the next. Empty before
   * the first key frame, and where there is too much of it. The frames are copies; they stay as they are.
   */
  readonly recent: readonly Frame[];
  stat(): MediaStat;
  /** Hands the configurations known so far to the output, then whatever comes, until the returned function is called. */
  watch(output: StreamOutput): () => void;
}
