/**
 * When nobody can be expected to take a push: the database is away, or no node is there. The moment when a node goes is one, too:
 * whoever waits for a lease at that node has to begin again.
 */
export class Downtime {
  readonly #startedMs = performance.now();
  readonly #spans: { readonly fromMs: number; toMs: number }[] = [];

  /** Begins a span; it lasts until the function is called that comes back. */
  begin(): () => void {
    const span = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    this.#spans.push(span);
    return () => {
      span.toMs = performance.now();
    };
  }

  mark(): void {
    this.begin()();
  }

  /** Of a time of `performance`, since this was made. */
  sinceStart(atMs: number): number {
    return Math.round(atMs - this.#startedMs);
  }

  /** How long somebody waited after the last of these times that fell into the waiting. */
  waitedMs(fromMs: number, toMs: number): number {
    const ends = this.#spans.filter((span) => span.fromMs < toMs && span.toMs > fromMs).map((span) => span.toMs);
    return toMs - Math.min(toMs, Math.max(fromMs, ...ends));
  }
}
