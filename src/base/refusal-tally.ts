import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';
import type { EventAt } from './log-events.ts';

export interface RefusalTallyOptions {
  /** Real time. */
  readonly clock: Clock;
  readonly log: Log;
  /** Name of the line in the log. */
  readonly event: EventAt<'warn'>;
  /** Fields of every line, e.g. what to do. */
  readonly fields?: LogFields;
}

/** One line is written for all that comes within this time. */
const INTERVAL_MS = 10_000;

/** Counts refusals by their cause. Thousands of them make one line in the log, with their numbers, at each interval. */
export class RefusalTally<Cause extends string> {
  readonly #options: RefusalTallyOptions;
  readonly #totals = new Map<Cause, number>();
  #unlogged = new Map<Cause, number>();
  #isWaiting = false;

  constructor(options: RefusalTallyOptions) {
    this.#options = options;
  }

  /** How many there were of each cause since the start. */
  get totals(): ReadonlyMap<Cause, number> {
    return this.#totals;
  }

  add(cause: Cause): void {
    this.#totals.set(cause, (this.#totals.get(cause) ?? 0) + 1);
    this.#unlogged.set(cause, (this.#unlogged.get(cause) ?? 0) + 1);
    if (!this.#isWaiting) this.#write();
  }

  #write(): void {
    this.#isWaiting = this.#unlogged.size > 0;
    if (!this.#isWaiting) return;
    const { clock, log, event, fields } = this.#options;
    log.warn(event, { ...Object.fromEntries(this.#unlogged), ...fields });
    this.#unlogged = new Map();
    clock.setTimeout(() => this.#write(), INTERVAL_MS);
  }
}
