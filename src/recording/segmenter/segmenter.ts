/**
 * Audio and video access units in, closed fragments out.
 *
 * Two ports meet here. `Muxer` turns the frames of one program (one continuous timeline with fixed codec parameters)
 * into MPEG-TS; it has two adapters, `mpeg-ts/` in process and `ffmpeg.ts` over a child process. `FragmentSink` is where
 * closed fragments go; the recorder implements it. Between them stands the cutting rule, which is ours alone.
 */

import type { Frame, Program, TsOutput } from '../../media/frame.ts';

/** One program being turned into MPEG-TS. */
export interface Muxer {
  /** Takes one frame. `false` asks the caller to stop until `onDrain` was called. */
  write(frame: Frame): boolean;
  /** Resolves when every frame taken so far has reached the output; rejects when the muxer failed or was destroyed. */
  end(): Promise<void>;
  /** Gives up at once: nothing more reaches the output. */
  destroy(): void;
}

export interface MuxerEvents {
  readonly onDrain: () => void;
  /** The muxer cannot go on. The message is for the log and says why. */
  readonly onFailure: (error: Error) => void;
}

export type MuxerFactory = (program: Program, output: TsOutput, events: MuxerEvents) => Muxer;

/** What is known of a fragment when it is closed. */
export interface FragmentInfo {
  /** Media time from its first decoding time to the first of the next fragment, in milliseconds (may be fractional). */
  readonly durationMs: number;
  /** First decoding time in 90 kHz ticks. */
  readonly startDtsTicks: number;
  /** The timeline breaks before this fragment: a new program began within the session. */
  readonly discontinuity: boolean;
  /** It was closed because the length limit was reached, not at a key frame. */
  readonly forcedCut: boolean;
  readonly sizeBytes: number;
}

/** Receives one fragment. Calls never overlap; after `close` or `abort` there is no other. */
export interface FragmentWriter {
  /** `packets` are valid only during the call. */
  write(packets: Buffer): void;
  close(info: FragmentInfo): void;
  abort(): void;
}

/** Opens the next fragment; called at the moment its first access unit, a picture, arrives. */
export interface FragmentSink {
  open(): FragmentWriter;
}

/** The length rule, in milliseconds of media time. Source: the PutLiveChannel page. */
export interface CuttingRule {
  /** A fragment ends at the first key frame at or after this. */
  readonly fragDurationMs: number;
  /** ... or at the first video frame at or after this, key frame or not. */
  readonly maxFragDurationMs: number;
}

/** FragDuration in seconds -> the rule: cut at a key frame, forced at max(2 x FragDuration, 60 s). */
export function cuttingRule(fragDurationSec: number): CuttingRule {
  return { fragDurationMs: fragDurationSec * 1000, maxFragDurationMs: Math.max(2 * fragDurationSec, 60) * 1000 };
}

/**
 * What became of a configuration. `unreadable`: ignored, the one before it stays. `unsupported`: the track is left out,
 * because MPEG-TS cannot carry it.
 */
export type ConfigVerdict = 'taken' | 'unreadable' | 'unsupported';

/** The audio and video of one session. */
export interface Segmenter {
  /** A new or repeated configuration record. A changed one begins a new program at the next key frame. */
  videoConfig(record: Buffer): ConfigVerdict;
  /** A new or repeated AudioSpecificConfig. A changed one begins a new program at the next key frame. */
  audioConfig(config: Buffer): ConfigVerdict;
  /** `false` asks the caller to stop until `onDrain` was called. */
  write(frame: Frame): boolean;
  /** The timeline jumped: the open fragment ends here and a new program begins at the next key frame. */
  discontinuity(): void;
  /** Closes the open fragment and resolves when it was handed to the sink. Does not reject: see `onFailure`. */
  end(): Promise<void>;
  /** Drops the open fragment. */
  destroy(): void;
}
