import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { wait } from '../base/wait.ts';
import type { Events } from '../events/events.ts';
import type { SettledFiles } from './opened-stores.ts';

/** How long the end waits for a sweep; the next start begins it again. */
const GRACE_MS = 5_000;

interface SweepReporting {
  readonly events: Events;
  readonly log: Log;
}

/** The sweep of a start: begins when the ports answer, and does not outlast the stores. */
export class BackgroundSweep {
  readonly #sweep: (signal: AbortSignal) => Promise<SettledFiles>;
  readonly #reporting: SweepReporting;
  readonly #ending = new AbortController();
  #done: Promise<void> | undefined;

  constructor(sweep: (signal: AbortSignal) => Promise<SettledFiles>, reporting: SweepReporting) {
    this.#sweep = sweep;
    this.#reporting = reporting;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Resolves when it has ended, which it may not have begun to do. */
  async settled(): Promise<void> {
    await this.#done;
  }

  /** A sweep of usual length is not interrupted: so an emulator that was started and stopped leaves nothing. */
  async stop(): Promise<void> {
    if (!this.#done) return;
    const isDone = new AbortController();
    const done = this.#done.then(() => isDone.abort());
    await wait(systemClock, GRACE_MS, isDone.signal);
    this.#ending.abort();
    await done;
  }

  async #run(): Promise<void> {
    const { events, log } = this.#reporting;
    try {
      const { count, sizeBytes, movedTo, left } = await this.#sweep(this.#ending.signal);
      if (left) {
        const advice = 'mend that; the next start tries again';
        log.warn('storage.not-swept', { files: left.count, error: left.error, advice });
      }
      if (count === 0) return;
      log.warn('storage.swept', { files: count, bytes: sizeBytes, movedTo, reason: 'no row named them' });
      events.emit({ type: 'storage.swept', files: count, sizeBytes, ...(movedTo !== undefined && { movedTo }) });
    } catch (error) {
      log.error('storage.not-swept', { error: errorText(error), advice: 'the next start tries again' });
    }
  }
}
