import type { Clock, Timer } from '../../../base/clock.ts';

/** So long readers of other nodes may go on with bytes that no row names any longer. */
export const DELETION_GRACE_MS = 5 * 60_000;
const BATCH = 1_000;
/** Those beyond it are left to the sweep. */
const MAX_WAITING = 100_000;
const PASS_MS = 10_000;

export interface LateDeletionsOptions {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly remove: (locations: readonly string[]) => Promise<void>;
  /** They are tried again after another grace. */
  readonly onFailure: (error: unknown) => void;
}

/** Deletions that wait. Those of a process that ends are made by the sweep. */
export class LateDeletions {
  readonly #options: LateDeletionsOptions;
  /** When each is due, in order. */
  readonly #waiting = new Map<string, number>();
  #timer: Timer | undefined;
  #pass: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LateDeletionsOptions) {
    this.#options = options;
  }

  add(location: string): void {
    if (this.#isStopped || this.#waiting.has(location)) return;
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(location, this.#options.clock.elapsed() + this.#options.graceMs);
    this.#arm();
  }

  /** Whether its bytes are still there, but count as deleted. */
  has(location: string): boolean {
    return this.#waiting.has(location);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#pass;
    this.#waiting.clear();
  }

  #arm(): void {
    if (this.#timer || this.#isStopped || this.#waiting.size === 0) return;
    this.#timer = this.#options.clock.setTimeout(
      () => {
        this.#pass = this.#removeDue().then(() => {
          this.#timer = undefined;
          this.#arm();
        });
      },
      Math.min(PASS_MS, this.#options.graceMs),
    );
  }

  async #removeDue(): Promise<void> {
    for (let due = this.#due(); due.length > 0 && !this.#isStopped; due = this.#due()) {
      try {
        await this.#options.remove(due);
        for (const location of due) this.#waiting.delete(location);
      } catch (error) {
        for (const location of due) this.#waiting.delete(location);
        for (const location of due) this.add(location);
        this.#options.onFailure(error);
      }
    }
  }

  #due(): readonly string[] {
    const nowMs = this.#options.clock.elapsed();
    const due: string[] = [];
    for (const [location, dueMs] of this.#waiting) {
      if (dueMs > nowMs || due.length === BATCH) break;
      due.push(location);
    }
    return due;
  }
}
