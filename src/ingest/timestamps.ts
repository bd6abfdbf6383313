/**
 * RTMP timestamps, made continuous. In messages they are milliseconds modulo 2^32, shared by audio and video (RTMP 1.0,
 * clause 3); encoders restart them, jump, repeat them, and send one track long after the other.
 */

/** Going back by more than this is another timeline, not jitter. Source: nginx-rtmp-module, hls. */
const MAX_BACKWARD_MS = 1_000;
/** A longer step cannot be a pause: the idle limit would have ended the push. */
const MAX_FORWARD_MS = 10_000;
/** How far the tracks of one timeline may be apart. Source: ffmpeg, default of -max_interleave_delta. */
const MAX_APART_MS = 10_000;

export interface Stamp {
  /** Milliseconds, not wrapped; rises by at least one from frame to frame of a track. */
  readonly dtsMs: number;
  /** By how many milliseconds the timeline jumped before this message (negative: backwards). */
  readonly jumpMs?: number;
}

type Track = 'audio' | 'video';

/** The latest message of a track. */
interface Position {
  /** As received, unwrapped. */
  readonly arrivedMs: number;
  /** As it was passed on. */
  readonly dtsMs: number;
  /** The track is on the timeline that began with the latest jump, wherever the other one is. */
  readonly joined: boolean;
}

/**
 * Each track is compared with itself, because the encoder may send them any distance apart. A track is compared with the
 * other one only where it begins, was silent for long, or follows the other one over a jump.
 */
export class Timestamps {
  readonly #positions: Partial<Record<Track, Position>> = {};

  /** Takes the timestamp of the next message of a track, in order of arrival. */
  next(track: Track, wireMs: number): Stamp {
    const own = this.#positions[track];
    const other = this.#positions[track === 'audio' ? 'video' : 'audio'];
    const before = own ?? other;
    if (!before) return this.#begin(track, wireMs);
    const stepMs = shortestWay(before.arrivedMs, wireMs);
    if (own && stepMs >= -MAX_BACKWARD_MS && stepMs <= MAX_FORWARD_MS) {
      return this.#continue(track, own, own.arrivedMs + stepMs);
    }
    const leftTimeline = own?.joined === true && stepMs < 0;
    if (other && !leftTimeline) {
      const apartMs = shortestWay(other.arrivedMs, wireMs);
      if (Math.abs(apartMs) <= MAX_APART_MS) return this.#begin(track, other.arrivedMs + apartMs);
    }
    return this.#jump(track, before.arrivedMs + stepMs, stepMs);
  }

  #continue(track: Track, own: Position, arrivedMs: number): Stamp {
    const dtsMs = Math.max(arrivedMs, own.dtsMs + 1);
    this.#positions[track] = { arrivedMs, dtsMs, joined: own.joined };
    return { dtsMs };
  }

  #begin(track: Track, arrivedMs: number): Stamp {
    this.#positions[track] = { arrivedMs, dtsMs: arrivedMs, joined: true };
    return { dtsMs: arrivedMs };
  }

  #jump(track: Track, arrivedMs: number, jumpMs: number): Stamp {
    for (const each of ['audio', 'video'] as const) {
      const position = this.#positions[each];
      if (position) this.#positions[each] = { ...position, joined: false };
    }
    return { ...this.#begin(track, arrivedMs), jumpMs };
  }
}

/** The step from an unwrapped time to a received time, in the direction in which it is shorter. */
function shortestWay(fromMs: number, wireMs: number): number {
  return (wireMs - fromMs) | 0;
}
