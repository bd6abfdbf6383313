/**
 * Audio and video access units in, closed fragments out.
 *
 * There are two ports here. `Muxer` makes MPEG-TS of frames with the same codec parameters on one continuous timeline: a
 * program, or the part of one that has the same audio configuration throughout. Its adapters are `mpeg-ts-muxer.ts` in
 * process and `ffmpeg-muxer.ts` as a child process. `FragmentSink` receives the fragments; the recorder implements it.
 * The cutting rule between them is the same for all adapters.
 */

import type { Frame, Program, TsOutput } from '../../media/frame.ts';

/** Muxes one program, or a part of one. */
export interface Muxer {
  /** Takes one frame. After `false` the caller must pause until `onDrain` is called. */
  write(frame: Frame): boolean;
  /** Resolves when every frame taken so far has reached the output; rejects when the muxer failed or was destroyed. */
  end(): Promise<void>;
  /** Stops at once, without further output. */
  destroy(): void;
}

export interface MuxerEvents {
  readonly onDrain: () => void;
  /** The muxer cannot continue. The message gives the reason, for the log. */
  readonly onFailure: (error: Error) => void;
}

/** @throws Error when it cannot read the configuration records of the program, or cannot be started */
export type MuxerFactory = (program: Program, output: TsOutput, events: MuxerEvents) => Muxer;

/** Facts about a fragment, known when it is closed. */
export interface FragmentInfo {
  /** From its first decoding time to the first one of the next fragment, in milliseconds (may be fractional). */
  readonly durationMs: number;
  /** First decoding time in 90 kHz ticks. */
  readonly startDtsTicks: number;
  /** A new program, with a timeline of its own, begins with this fragment. */
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

/** Opens the next fragment; called when its first access unit, a picture, arrives. */
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

/** The rule of a FragDuration: cut at a key frame, or without one at max(2 x FragDuration, 60 s). */
export function cuttingRule(fragDurationSec: number): CuttingRule {
  return { fragDurationMs: fragDurationSec * 1000, maxFragDurationMs: Math.max(2 * fragDurationSec, 60) * 1000 };
}

/**
 * The result of a new configuration. `unreadable`: ignored, the previous one stays valid. `unsupported`: the track is
 * left out, because MPEG-TS cannot carry it.
 */
export type ConfigVerdict = 'taken' | 'unreadable' | 'unsupported';

/** The audio and video of one session. */
export interface Segmenter {
  /** A new or repeated configuration record. A changed one begins a new program at the next key frame. */
  videoConfig(record: Buffer): ConfigVerdict;
  /**
   * A new or repeated AudioSpecificConfig. A changed one takes effect with the next audio frame, and begins a new program at
   * the next key frame.
   */
  audioConfig(config: Buffer): ConfigVerdict;
  /** After `false` the caller must pause until `onDrain` is called. */
  write(frame: Frame): boolean;
  /** The encoder's clock jumped; the times of the frames go on. A new program begins at the next key frame. */
  discontinuity(): void;
  /** Resolves when the last fragment is closed. Does not reject: see `onFailure`. */
  end(): Promise<void>;
  /** Aborts the open fragment. */
  destroy(): void;
}
