import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { wait } from '../../base/wait.ts';
import type { Registry } from '../../ingest/registry.ts';

export interface DrainDeps {
  /** The real time, as that of connections. */
  readonly clock: Clock;
  readonly log: Log;
  readonly publishing: Pick<Registry, 'size' | 'refuseNew' | 'empty' | 'stopAll'>;
  /** How long the present pushes may go on. */
  readonly timeoutMs: number;
}

const REFUSAL = {
  description: 'No new pushes are taken here: this emulator is about to stop. Connect again to reach another one.',
  reason: 'the emulator is draining',
};

/** The time before a planned stop, in which pushes end and none begins. Nothing else changes, and there is no way back. */
export class Drain {
  readonly #deps: DrainDeps;
  #time: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  get hasBegun(): boolean {
    return this.#time !== undefined;
  }

  /** Begins, unless that was done. Resolves when no push is left: those that did not end in time are ended, and stored. */
  begin(): Promise<void> {
    this.#running ??= this.giveTime().then(() => this.#end());
    return this.#running;
  }

  /** Begins, unless that was done. Resolves when every push has ended or has had its time; `begin` ends those that are left. */
  giveTime(): Promise<void> {
    this.#time ??= this.#giveTime();
    return this.#time;
  }

  async #giveTime(): Promise<void> {
    const { clock, log, publishing, timeoutMs } = this.#deps;
    publishing.refuseNew(REFUSAL);
    log.info('draining', { pushes: publishing.size, timeoutSec: timeoutMs / 1000 });
    const empty = new AbortController();
    void publishing.empty().then(() => empty.abort());
    if (publishing.size > 0) await wait(clock, timeoutMs, empty.signal);
  }

  async #end(): Promise<void> {
    const { log, publishing } = this.#deps;
    const cut = publishing.size;
    await publishing.stopAll('the emulator is shutting down');
    log.info('drained', { cut });
  }
}
