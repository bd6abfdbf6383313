/** Times for names that must be unique: that of the clock, or the next one where that was given before. */
export class UniqueTimes {
  /** All times from here to `#endMs` are given or taken. */
  #startMs = Number.POSITIVE_INFINITY;
  #endMs = Number.NEGATIVE_INFINITY;

  /** Only after the clock was set back may it be a time that was given before. */
  next(nowMs: number): number {
    const isGiven = this.#includes(nowMs);
    const timeMs = isGiven ? this.#endMs + 1 : nowMs;
    if (!isGiven) this.#startMs = timeMs;
    this.#endMs = timeMs;
    return timeMs;
  }

  /** Others have taken the times from the first up to, not including, the second. */
  taken(fromMs: number, toMs: number): void {
    if (this.#includes(fromMs)) this.#endMs = Math.max(this.#endMs, toMs);
  }

  #includes(timeMs: number): boolean {
    return timeMs >= this.#startMs && timeMs <= this.#endMs;
  }
}
