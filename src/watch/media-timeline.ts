/** The time of a stream as its viewers see it: it goes on where the publisher's jumps, and both tracks share it. */
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

  /** Media time of a frame that came at `wallMs`. */
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
   * Media time at a moment, for reports that tell viewers how the tracks belong together. Its distance to the frames does
   * not matter as long as the clocks of the tracks do not roll over in between, and it never changes; that it is the same
   * for both tracks does. `undefined` before the first frame.
   */
  mediaMsAt(wallMs: number): number | undefined {
    if (!this.#latest) return undefined;
    this.#epochMs ??= this.#latest.wallMs - this.#latest.mediaMs;
    return wallMs - this.#epochMs;
  }
}
