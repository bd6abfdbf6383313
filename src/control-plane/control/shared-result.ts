import { type Clock, startStopwatch } from '../../base/clock.ts';

/** A result that is expensive to get: everybody who asks while it is on its way, and for some time after, shares it. */
export class SharedResult<Value> {
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #make: () => Promise<Value>;
  #latest: Promise<Value> | undefined;
  #isOld: () => boolean = () => true;

  constructor(clock: Clock, keptMs: number, make: () => Promise<Value>) {
    this.#clock = clock;
    this.#keptMs = keptMs;
    this.#make = make;
  }

  get(): Promise<Value> {
    if (!this.#latest || this.#isOld()) this.#latest = this.#begin();
    return this.#latest;
  }

  #begin(): Promise<Value> {
    this.#isOld = () => false;
    return this.#make().finally(() => {
      const ageMs = startStopwatch(this.#clock);
      this.#isOld = () => ageMs() >= this.#keptMs;
    });
  }
}
