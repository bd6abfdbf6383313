import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ClockState, ControlApi } from '../control-api.ts';

/** Often enough for a seconds display. */
const TICK_MS = 250;

/** What time it is in the emulator, which people hold still and move. */
export class EmulatorClock {
  readonly #api: ControlApi;
  readonly #browserClock: Clock;
  readonly #nowMs = signal<number | undefined>(undefined);
  readonly #state = signal<ClockState | undefined>(undefined);
  #readAtMs = 0;
  #tick: Timer | undefined;

  constructor(api: ControlApi, browserClock: Clock) {
    this.#api = api;
    this.#browserClock = browserClock;
  }

  /** Undefined until the emulator was asked. */
  get nowMs(): ReadonlySignal<number | undefined> {
    return this.#nowMs;
  }

  get state(): ReadonlySignal<ClockState | undefined> {
    return this.#state;
  }

  async refresh(): Promise<void> {
    this.#take(await this.#api.clock());
  }

  async freeze(): Promise<void> {
    this.#take(await this.#api.freezeClock());
  }

  async resume(): Promise<void> {
    this.#take(await this.#api.resumeClock());
  }

  async set(toMs: number): Promise<void> {
    this.#take(await this.#api.setClock(toMs));
  }

  async advance(ms: number): Promise<void> {
    this.#take(await this.#api.advanceClock(ms));
  }

  async reset(): Promise<void> {
    this.#take(await this.#api.resetClock());
  }

  stop(): void {
    this.#tick?.cancel();
  }

  #take(state: ClockState): void {
    this.#state.value = state;
    this.#readAtMs = this.#browserClock.now();
    this.#goOn();
  }

  #goOn(): void {
    const state = this.#state.value;
    if (!state) return;
    this.#tick?.cancel();
    this.#nowMs.value = state.frozen ? state.nowMs : state.nowMs + this.#browserClock.now() - this.#readAtMs;
    if (!state.frozen) this.#tick = this.#browserClock.setTimeout(() => this.#goOn(), TICK_MS);
  }
}
