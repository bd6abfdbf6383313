/** Program clock references (PCR) of one program. ISO/IEC 13818-1 clauses 2.4.2.2, 2.7.2 and D.0.3. */
import type { TsUnit } from '../frame.ts';
import { clockReferencePacket, hasClockReference, rewriteClockReference, TICKS_PER_MS } from './packets.ts';
import { PID_VIDEO } from './psi.ts';

/** References are at most this far apart. ISO/IEC 13818-1 clause 2.7.2. */
const MAX_INTERVAL_TICKS = 100 * TICKS_PER_MS;
/**
 * The clock waits for a track that is late by less than this. It is also the longest time that audio may stay in the
 * buffer of a decoder. ISO/IEC 13818-1 clause 2.4.2.6.
 */
const MAX_WAIT_TICKS = 1_000 * TICKS_PER_MS;
/** Longer steps are not filled: the timeline itself is broken. */
const MAX_FILLED_TICKS = 60_000 * TICKS_PER_MS;

const NOTHING = Buffer.alloc(0);

/** How far a track has come, and how far the other one had come then, in decoding time. */
interface TrackProgress {
  dtsTicks: number;
  otherDtsTicks: number;
}

/**
 * Sets the clock references of a program and adds those that are missing.
 *
 * The decoding times of a track rise, so the clock may go as far as the track that is behind: no access unit that
 * follows is due earlier. A track that has stopped must not stop the clock: when the other one has gone on for
 * MAX_WAIT_TICKS, it is taken to go on at that distance. The clock never goes back; if a track goes on even later, its
 * first access units are due before the clock.
 */
export class ProgramClock {
  #latestTicks: number | undefined;
  readonly #video: TrackProgress = { dtsTicks: 0, otherDtsTicks: 0 };
  readonly #audio: TrackProgress = { dtsTicks: 0, otherDtsTicks: 0 };

  /**
   * Takes the next access unit. Its clock reference, if it has one, is set.
   *
   * @param hasAudio whether the program has an audio track now
   * @returns packets to be written before the unit
   */
  take({ track, dtsTicks, packets }: TsUnit, hasAudio: boolean): Buffer {
    if (this.#latestTicks === undefined) this.#begin(dtsTicks);
    this.#advance(track, dtsTicks);
    const ticks = this.#reached(hasAudio);
    const missing = this.#fill(ticks);
    if (track === 'video' && hasClockReference(packets)) {
      rewriteClockReference(packets, ticks);
      this.#latestTicks = ticks;
    }
    return missing;
  }

  #begin(dtsTicks: number): void {
    this.#latestTicks = dtsTicks;
    for (const track of [this.#video, this.#audio]) {
      track.dtsTicks = dtsTicks;
      track.otherDtsTicks = dtsTicks;
    }
  }

  #advance(track: TsUnit['track'], dtsTicks: number): void {
    const isVideo = track === 'video';
    const own = isVideo ? this.#video : this.#audio;
    const other = isVideo ? this.#audio : this.#video;
    own.dtsTicks = dtsTicks;
    own.otherDtsTicks = other.dtsTicks;
  }

  #reached(hasAudio: boolean): number {
    const videoTicks = presumedTicks(this.#video, this.#audio.dtsTicks);
    const audioTicks = hasAudio ? presumedTicks(this.#audio, this.#video.dtsTicks) : videoTicks;
    return Math.max(this.#latestTicks ?? 0, Math.min(videoTicks, audioTicks));
  }

  /** The references between the latest one and `ticks`. */
  #fill(ticks: number): Buffer {
    let latestTicks = this.#latestTicks ?? ticks;
    if (ticks - latestTicks <= MAX_INTERVAL_TICKS) return NOTHING;
    if (ticks - latestTicks > MAX_FILLED_TICKS) latestTicks = ticks - 2 * MAX_INTERVAL_TICKS;
    const packets: Buffer[] = [];
    while (ticks - latestTicks > MAX_INTERVAL_TICKS) {
      latestTicks += MAX_INTERVAL_TICKS;
      packets.push(clockReferencePacket(PID_VIDEO, latestTicks));
    }
    this.#latestTicks = latestTicks;
    return Buffer.concat(packets);
  }
}

/** Where a track is taken to be, now that the other one has come to `otherDtsTicks`. */
function presumedTicks(track: TrackProgress, otherDtsTicks: number): number {
  return track.dtsTicks + Math.max(0, otherDtsTicks - track.otherDtsTicks - MAX_WAIT_TICKS);
}
