/** The timeline of a stream for its viewers: without the jumps of the publisher, and the same for both tracks. */
export class MediaTimeline {
  #shiftMs = 0;
  #latest: { mediaMs: number; wallMs: number } | undefined;
  #jumped = false;
  /** Wall clock at media time zero. */
  #epochMs: number | undefined;

  /** The publisher's next timestamp belongs to another timeline. */
  jump(): void {
    this.#jumped = this.#latest !== undefined;
  }

  /** Media time of a frame that arrived at `wallMs`. */
  at(dtsMs: number, wallMs: number): number {
    if (this.#jumped && this.#latest) {
      const passedMs = Math.max(1, wallMs - this.#latest.wallMs);
      this.#shiftMs = this.#latest.mediaMs + passedMs - dtsMs;
      this.#jumped = false;
    }
    const mediaMs = dtsMs + this.#shiftMs;
    this.#latest = { mediaMs: Math.max(mediaMs, this.#latest?.mediaMs ?? mediaMs), wallMs };
    return mediaMs;
  }

  /**
   * Media time at a wall clock time, for the sender reports by which viewers synchronize the tracks. Its offset to the
   * frames does not matter, but it must be constant and the same for both tracks. `undefined` before the first frame.
   */
  mediaMsAt(wallMs: number): number | undefined {
    if (!this.#latest) return undefined;
    this.#epochMs ??= this.#latest.wallMs - this.#latest.mediaMs;
    return wallMs - this.#epochMs;
  }
}
