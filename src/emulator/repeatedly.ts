import { systemClock, type Timer } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { logFailure } from '../storage/machine-fault.ts';

export interface RepeatedlyOptions {
  /** For the log. */
  readonly what: string;
  /** From the end of one to the begin of the next, in real time. */
  readonly intervalMs: number;
  readonly action: () => Promise<unknown>;
  readonly log: Log;
}

/** What a node that shares its metadata does again and again. A failure is logged, unless a store is away, and the next one tries again. */
export class Repeatedly {
  readonly #options: RepeatedlyOptions;
  #timer: Timer | undefined;
  #acting: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: RepeatedlyOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isStopped) return;
    const { intervalMs, action, log, what } = this.#options;
    this.#timer = systemClock.setTimeout(() => {
      this.#acting = action()
        .catch((error) => logFailure(log, 'warn', error, 'upkeep.failed', { what, error: errorText(error) }))
        .finally(() => this.start());
    }, intervalMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#acting;
  }
}
