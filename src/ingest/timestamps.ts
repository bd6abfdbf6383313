/**
 * RTMP timestamps, made continuous. On the wire they are milliseconds modulo 2^32, shared by audio and video (RTMP 1.0,
 * clause 3); encoders restart them, jump with them, repeat them, and send one track long after the other.
 */

/** Going back by more than this is another timeline, not jitter. Source: nginx-rtmp-module, hls. */
const MAX_BACKWARD_MS = 1_000;
/** No stream pauses this long and lives: the idle limit would have ended it. */
const MAX_FORWARD_MS = 10_000;
/** How far the tracks of one timeline may be apart. Source: ffmpeg, default of -max_interleave_delta. */
const MAX_APART_MS = 10_000;

export interface Stamp {
  /** Milliseconds, not wrapped; rises by at least one from frame to frame of a track. */
  readonly dtsMs: number;
  /** The timeline broke before this message, by so many milliseconds (negative: backwards). */
  readonly jumpMs?: number;
}

type Track = 'audio' | 'video';

/** The latest message of a track. */
interface Position {
  /** As it came, unwrapped. */
  readonly arrivedMs: number;
  /** As it was passed on. */
  readonly dtsMs: number;
  /** The track is on the timeline that began with the latest jump, wherever the other one is. */
  readonly joined: boolean;
}

/**
 * Each track is measured against itself, for how far they are apart is the encoder's choice. Only where a track begins,
 * was silent for long, or follows the other one over a jump, is it measured against that one.
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
      return this.#goOn(track, own, own.arrivedMs + stepMs);
    }
    const leftTimeline = own?.joined === true && stepMs < 0;
    if (other && !leftTimeline) {
      const apartMs = shortestWay(other.arrivedMs, wireMs);
      if (Math.abs(apartMs) <= MAX_APART_MS) return this.#begin(track, other.arrivedMs + apartMs);
    }
    return this.#jump(track, before.arrivedMs + stepMs, stepMs);
  }

  #goOn(track: Track, own: Position, arrivedMs: number): Stamp {
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

/** The step from an unwrapped time to a time on the wire, taken the nearest way round. */
function shortestWay(fromMs: number, wireMs: number): number {
  return (wireMs - fromMs) | 0;
}
