import { randomUUID } from 'node:crypto';
import { systemClock, type Timer } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { Leases } from '../storage/leases/leases.ts';

const INTERVAL_MS = 5_000;

/** No source has a name without a slash. */
const SWEEP = 'sweep-of-broken-sessions';

/**
 * Ends what nodes that died have left open and nobody has continued. Every node tries it, and one at a time does it. A node
 * that shares its metadata with nobody has nothing to sweep after its start.
 */
export class BrokenSessionSweep {
  readonly #leases: Leases;
  readonly #closeBroken: () => Promise<void>;
  readonly #log: Log;
  #timer: Timer | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(leases: Leases, closeBroken: () => Promise<void>, log: Log) {
    this.#leases = leases;
    this.#closeBroken = closeBroken;
    this.#log = log;
  }

  start(): void {
    if (!this.#leases.isShared || this.#isStopped) return;
    this.#timer = systemClock.setTimeout(() => {
      this.#sweeping = this.#sweep()
        .catch((error) => this.#log.warn('sessions.not-swept', { error: errorText(error) }))
        .finally(() => this.start());
    }, INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { lease } = await this.#leases.acquire({ source: SWEEP, sessionId: randomUUID() });
    if (!lease) return;
    try {
      await this.#closeBroken();
    } finally {
      await lease.release();
    }
  }
}
