import { type Clock, startStopwatch } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StoreName } from '../../storage/outages.ts';
import type { Component } from './readiness.ts';

export interface ToldReadinessDeps {
  /** The real time. */
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a store on another machine is away, of which the log is told by itself. */
  readonly isAway: (store: StoreName) => Promise<boolean>;
}

/** Tells the log what the checks find: when a component begins to fail, and when it works again, instead of every check. */
export class ToldReadiness {
  readonly #deps: ToldReadinessDeps;
  /** Since when each component that fails does so, in milliseconds. */
  readonly #failing = new Map<Component['name'], () => number>();
  #telling = Promise.resolve();

  constructor(deps: ToldReadinessDeps) {
    this.#deps = deps;
  }

  /** What a check has found. Resolves when it is told, after what was found before. */
  tell(components: readonly Component[]): Promise<void> {
    this.#telling = this.#telling.then(() => this.#tell(components));
    return this.#telling;
  }

  async #tell(components: readonly Component[]): Promise<void> {
    for (const component of components) {
      if (component.state === 'failed') await this.#failed(component);
      else this.#works(component.name);
    }
  }

  async #failed({ name, detail }: Component): Promise<void> {
    const { clock, log, isAway } = this.#deps;
    if (this.#failing.has(name)) return;
    const failedMs = startStopwatch(clock);
    if ((name === 'metadata' || name === 'objects') && (await isAway(name))) return;
    this.#failing.set(name, failedMs);
    log.warn('not-ready', { name, detail });
  }

  #works(name: Component['name']): void {
    const failedMs = this.#failing.get(name);
    if (!failedMs) return;
    this.#failing.delete(name);
    this.#deps.log.warn('ready-again', { name, failedSec: failedMs() / 1000 });
  }
}
