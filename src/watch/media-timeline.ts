/** The media time of a stream by the wall clock. */
export class MediaTimeline {
  #latest: { mediaMs: number; wallMs: number } | undefined;
  /** Wall clock at media time zero. */
  #epochMs: number | undefined;

  /** A frame of this media time has arrived. */
  reached(mediaMs: number, wallMs: number): void {
    this.#latest = { mediaMs, wallMs };
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
