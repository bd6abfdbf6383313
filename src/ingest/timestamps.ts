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

/** The encoder's clock jumped before a message, by so many milliseconds (negative: backwards). */
export type OnJump = (track: Track, jumpMs: number) => void;

type Track = 'audio' | 'video';

/** The encoder's clock between two jumps. */
interface Timeline {
  /** What is added to the time of a message. */
  shiftMs: number;
}

/** The latest message of a track. */
interface Position {
  /** As the encoder sent it, unwrapped. */
  sentMs: number;
  /** As it was passed on. */
  dtsMs: number;
  /** From the message before, as passed on. */
  stepMs: number;
  /** By the clock. */
  arrivalMs: number;
  timeline: Timeline;
}

/**
 * Each track is compared with itself, because the encoder may send them any distance apart. A track is compared with the
 * other one only where it begins, was silent for long, or follows the other one over a jump.
 *
 * Over a jump the times go on as if there had been none: the track that jumps first sets how the times of the new
 * timeline are shifted, and the other one is shifted by as much, so that they stay synchronous.
 */
export class Timestamps {
  readonly #onJump: OnJump;
  readonly #positions: Partial<Record<Track, Position>> = {};
  /** The one that began with the latest jump. A track may still be on an earlier one. */
  #timeline: Timeline = { shiftMs: 0 };

  /** @param onJump called before `next` returns the time of the message that comes after the jump */
  constructor(onJump: OnJump) {
    this.#onJump = onJump;
  }

  /**
   * Takes the timestamp of the next message of a track, in order of arrival. Returns milliseconds, not wrapped, without the
   * jumps; they rise by at least one from frame to frame of a track.
   *
   * @param arrivalMs when it arrived, by the clock
   */
  next(track: Track, wireMs: number, arrivalMs: number): number {
    const own = this.#positions[track];
    const other = this.#positions[track === 'audio' ? 'video' : 'audio'];
    const before = own ?? other;
    if (!before) {
      return this.#put(track, { sentMs: wireMs, dtsMs: wireMs, stepMs: 1, arrivalMs, timeline: this.#timeline });
    }
    const wireStepMs = shortestWay(before.sentMs, wireMs);
    if (own && wireStepMs >= -MAX_BACKWARD_MS && wireStepMs <= MAX_FORWARD_MS) {
      return goOn(own, own.sentMs + wireStepMs, arrivalMs);
    }
    const leftTimeline = own?.timeline === this.#timeline && wireStepMs < 0;
    if (other && !leftTimeline) {
      const apartMs = shortestWay(other.sentMs, wireMs);
      if (Math.abs(apartMs) <= MAX_APART_MS) return this.#join(track, other, other.sentMs + apartMs, arrivalMs);
    }
    this.#onJump(track, wireStepMs);
    return this.#jump(track, before, before.sentMs + wireStepMs, arrivalMs);
  }

  /** The track is where the other one is. */
  #join(track: Track, { timeline }: Position, sentMs: number, arrivalMs: number): number {
    const own = this.#positions[track];
    const stepMs = own?.stepMs ?? 1;
    // Instead of one track going back, both go forward: the pictures and the sound of one moment stay together.
    if (own) timeline.shiftMs = Math.max(timeline.shiftMs, own.dtsMs + stepMs - sentMs);
    this.#timeline = timeline;
    return this.#put(track, { sentMs, dtsMs: sentMs + timeline.shiftMs, stepMs, arrivalMs, timeline });
  }

  /** @param before the latest message of the track, or of the other one where there is none */
  #jump(track: Track, before: Position, sentMs: number, arrivalMs: number): number {
    const own = this.#positions[track];
    const { stepMs } = before;
    const dtsMs = own ? own.dtsMs + passedMs(own, arrivalMs) : before.dtsMs;
    this.#timeline = { shiftMs: dtsMs - sentMs };
    return this.#put(track, { sentMs, dtsMs, stepMs, arrivalMs, timeline: this.#timeline });
  }

  #put(track: Track, position: Position): number {
    this.#positions[track] = position;
    return position.dtsMs;
  }
}

/** The usual message. The position is changed, because there is one message for every frame. */
function goOn(position: Position, sentMs: number, arrivalMs: number): number {
  const dtsMs = Math.max(sentMs + position.timeline.shiftMs, position.dtsMs + 1);
  position.stepMs = dtsMs - position.dtsMs;
  position.sentMs = sentMs;
  position.dtsMs = dtsMs;
  position.arrivalMs = arrivalMs;
  return dtsMs;
}

/**
 * How long after a message the next one follows when their times do not tell: what passed by the clock, and at least
 * one step, because messages may arrive faster than they are played.
 */
function passedMs({ arrivalMs, stepMs }: Position, nowMs: number): number {
  return Math.max(stepMs, Math.min(nowMs - arrivalMs, MAX_FORWARD_MS));
}

/** The step from an unwrapped time to a received time, in the direction in which it is shorter. */
function shortestWay(fromMs: number, wireMs: number): number {
  return (wireMs - fromMs) | 0;
}
