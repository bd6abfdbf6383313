import type { Clock } from '../base/clock.ts';

/** More than this since the last rest: the peer sends fast. In one read: more bytes are waiting. */
const MAX_GATHERED_BYTES = 64 * 1024;
/**
 * One picture at 25 per second. However wrong expectations are, a publisher that sends little is not read more often; and
 * one that is late, or has come in part, is looked for once more after this time.
 */
const MIN_REST_MS = 40;

/**
 * Knows when a publisher is read next. One that sends little, and that nobody watches, rests between two reads so that
 * each finds more bytes, but not beyond the time at which a message is expected. When it has not come soon after that
 * time, nothing is expected.
 */
export class ReadSchedule {
  readonly #clock: Clock;
  readonly #maxRestMs: number;
  #isWatched = false;
  #gatheredBytes = 0;
  #expectedMs = -Infinity;

  /** `clock`: as in `ReadingPace`. `maxRestMs`: no rest is longer, whatever is expected. */
  constructor(clock: Clock, maxRestMs: number) {
    this.#clock = clock;
    this.#maxRestMs = maxRestMs;
  }

  /** As in `Publisher`. */
  readAtOnce(wanted: boolean): void {
    this.#isWatched = wanted;
  }

  /** As in `Publisher`. */
  readIn(inMs: number): void {
    this.#expectedMs = this.#clock.elapsed() + inMs;
  }

  /**
   * Takes note of a read. Returns for how many milliseconds at most nothing more is read; 0: the next read follows at once.
   *
   * @param hasMore bytes are waiting in the memory of the socket
   */
  restMs(sizeBytes: number, hasMore: boolean): number {
    this.#gatheredBytes += sizeBytes;
    if (this.#isWatched || hasMore || sizeBytes > MAX_GATHERED_BYTES / 2) return 0;
    const isFast = this.#gatheredBytes > MAX_GATHERED_BYTES;
    this.#gatheredBytes = 0;
    if (isFast) return 0;
    const leftMs = this.#expectedMs - this.#clock.elapsed();
    return leftMs > -MIN_REST_MS ? Math.min(Math.max(leftMs, MIN_REST_MS), this.#maxRestMs) : this.#maxRestMs;
  }
}
