import type { Gap } from './load/pushes.ts';

/**
 * What no waiting publisher is to blame a node for: the time in which the database is away, or no node is there, and the loss of the
 * node that it waits at, after which it has to begin again at another one.
 */
export class Downtime {
  readonly #startedMs = performance.now();
  readonly #spans: { readonly fromMs: number; toMs: number }[] = [];
  readonly #lossesMs: number[] = [];

  /** Begins a span; it lasts until the function is called that comes back. */
  begin(): () => void {
    const span = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    this.#spans.push(span);
    return () => {
      span.toMs = performance.now();
    };
  }

  /** A node goes now. */
  noteLoss(): void {
    this.#lossesMs.push(performance.now());
  }

  /** Of a time of `performance`, since this was made. */
  sinceStart(atMs: number): number {
    return Math.round(atMs - this.#startedMs);
  }

  /** How long a publisher waited after the last of these that fell into its waiting. */
  waitedMs({ lostMs, backMs, lostAttempts }: Pick<Gap, 'lostMs' | 'backMs' | 'lostAttempts'>): number {
    const ends = this.#spans.filter((span) => span.fromMs < backMs && span.toMs > lostMs).map((span) => span.toMs);
    const losses = this.#lossesMs.filter((atMs) =>
      lostAttempts.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs),
    );
    return backMs - Math.min(backMs, Math.max(lostMs, ...ends, ...losses));
  }
}
