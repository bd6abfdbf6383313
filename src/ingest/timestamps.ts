/**
 * RTMP timestamps, made continuous. On the wire they are milliseconds modulo 2^32, shared by audio and video (RTMP 1.0,
 * clause 3); encoders restart them, jump with them, and repeat them.
 */

/** Going back by more than this is another timeline, not jitter. Source: nginx-rtmp-module, hls. */
const MAX_BACKWARD_MS = 1_000;
/** No stream pauses this long and lives: the idle limit would have ended it. */
const MAX_FORWARD_MS = 10_000;

export interface Stamp {
  /** Milliseconds, not wrapped; rises by at least one from frame to frame of a track. */
  readonly dtsMs: number;
  /** The timeline broke before this message, by so many milliseconds (negative: backwards). */
  readonly jumpMs?: number;
}

export class Timestamps {
  /** The latest message, unwrapped. */
  #lastMs: number | undefined;
  #lastOfTrackMs: { audio?: number; video?: number } = {};

  /** Takes the timestamp of the next message of a track, in order of arrival. */
  next(track: 'audio' | 'video', wireMs: number): Stamp {
    const lastMs = this.#lastMs ?? wireMs;
    const deltaMs = (wireMs - lastMs) | 0; // the nearest way round, forwards or backwards
    const unwrappedMs = lastMs + deltaMs;
    this.#lastMs = unwrappedMs;
    if (deltaMs < -MAX_BACKWARD_MS || deltaMs > MAX_FORWARD_MS) {
      this.#lastOfTrackMs = { [track]: unwrappedMs };
      return { dtsMs: unwrappedMs, jumpMs: deltaMs };
    }
    const previousMs = this.#lastOfTrackMs[track];
    const dtsMs = previousMs === undefined ? unwrappedMs : Math.max(unwrappedMs, previousMs + 1);
    this.#lastOfTrackMs[track] = dtsMs;
    return { dtsMs };
  }
}
