import { type Clock, startStopwatch } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StoreName } from '../../storage/outages.ts';
import type { Component } from './readiness.ts';

export interface ToldReadinessDeps {
  /** The real time. */
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a store on another machine does not answer at present, of which the log is told by itself, or is being asked. */
  readonly mayBeAway: (store: StoreName) => boolean;
}

/** Tells the log what the checks find: when a component begins to fail, and when it works again, instead of every check. */
export class ToldReadiness {
  readonly #deps: ToldReadinessDeps;
  /** Since when each component that fails does so, in milliseconds. */
  readonly #failing = new Map<Component['name'], () => number>();

  constructor(deps: ToldReadinessDeps) {
    this.#deps = deps;
  }

  /** What a check has found. */
  tell(components: readonly Component[]): void {
    for (const component of components) {
      if (component.state === 'failed') this.#failed(component);
      else this.#works(component.name);
    }
  }

  #failed({ name, detail }: Component): void {
    const { clock, log, mayBeAway } = this.#deps;
    if (this.#failing.has(name) || ((name === 'metadata' || name === 'objects') && mayBeAway(name))) return;
    this.#failing.set(name, startStopwatch(clock));
    log.warn('not-ready', { name, detail });
  }

  #works(name: Component['name']): void {
    const failedMs = this.#failing.get(name);
    if (!failedMs) return;
    this.#failing.delete(name);
    this.#deps.log.warn('ready-again', { name, failedSec: failedMs() / 1000 });
  }
}
