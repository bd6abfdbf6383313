import type { Clock, Timer } from './clock.ts';

interface Pending {
  dueMs: number;
  readonly callback: () => void;
  /** Its timer on the clock below, while time runs. */
  armed: Timer | undefined;
}

/** `running`: as much ahead of the clock below. `frozen`: the time it stands at. */
type State =
  | { readonly name: 'running'; readonly offsetMs: number }
  | { readonly name: 'frozen'; readonly nowMs: number };

/** What was begun before a move gets so many chances to set its timers, e.g. a push that was just accepted. */
const SETTLING_TURNS = 10;

/**
 * Time that a person can hold still and move. It runs with the clock below it until it is told otherwise, and everything
 * that reads it follows: expiry of URLs, idle limits, names of fragments, history.
 */
export class ControllableClock implements Clock {
  readonly #base: Clock;
  readonly #breathe: () => Promise<void>;
  readonly #pending = new Set<Pending>();
  #state: State = { name: 'running', offsetMs: 0 };
  /** Moves happen one after the other. */
  #moved: Promise<void> = Promise.resolve();

  /** @param breathe lets what a timer set off happen, as far as it can at once, before time goes on */
  constructor(base: Clock, breathe: () => Promise<void> = turnOfTheLoop) {
    this.#base = base;
    this.#breathe = breathe;
  }

  now(): number {
    return this.#state.name === 'frozen' ? this.#state.nowMs : this.#base.now() + this.#state.offsetMs;
  }

  /** How far ahead of the clock below it is; negative behind it. */
  get offsetMs(): number {
    return this.#state.name === 'running' ? this.#state.offsetMs : this.#state.nowMs - this.#base.now();
  }

  get isFrozen(): boolean {
    return this.#state.name === 'frozen';
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry: Pending = { dueMs: this.now() + Math.max(0, delayMs), callback, armed: undefined };
    this.#pending.add(entry);
    if (this.#state.name === 'running') this.#arm(entry);
    return { cancel: () => this.#forget(entry) };
  }

  /** Holds the time still; no timer fires until it moves. */
  freeze(): void {
    if (this.#state.name === 'frozen') return;
    this.#state = { name: 'frozen', nowMs: this.now() };
    for (const entry of this.#pending) this.#disarm(entry);
  }

  /** Lets it run on from where it stands. */
  resume(): void {
    if (this.#state.name === 'running') return;
    this.#run(this.offsetMs);
  }

  /**
   * Moves forward. Every timer that falls due on the way fires, in order and at its time, and what it sets off gets a
   * chance to happen before the next; so a push that sends by this clock goes on. Resolves when the time has come.
   */
  advance(ms: number): Promise<void> {
    return this.#inTurn(() => this.#moveTo(this.now() + ms));
  }

  /** Jumps to a point in time: forward as `advance` does; back without firing anything, delays keep their length. */
  set(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      if (ms >= this.now()) await this.#moveTo(ms);
      else this.#shiftTo(ms);
    });
  }

  /** Back to the time of the clock below. No timer fires; delays keep their length. */
  reset(): void {
    this.#shiftTo(this.#base.now());
    this.#run(0);
  }

  #inTurn(move: () => Promise<void>): Promise<void> {
    const moved = this.#moved.then(move);
    // Whoever asked for a move hears of its failure; the next one is free to happen.
    this.#moved = moved.catch(() => {});
    return moved;
  }

  async #moveTo(targetMs: number): Promise<void> {
    const wasRunning = this.#state.name === 'running';
    this.freeze();
    for (let turn = 0; turn < SETTLING_TURNS; turn++) await this.#breathe();
    for (let next = this.#earliest(targetMs); next; next = this.#earliest(targetMs)) {
      this.#state = { name: 'frozen', nowMs: Math.max(this.now(), next.dueMs) };
      this.#pending.delete(next);
      next.callback();
      await this.#breathe();
      // Somebody reset or resumed the clock meanwhile: the move is over.
      if (this.#state.name !== 'frozen') return;
    }
    this.#state = { name: 'frozen', nowMs: targetMs };
    if (wasRunning) this.#run(this.offsetMs);
  }

  #shiftTo(ms: number): void {
    const shiftMs = ms - this.now();
    for (const entry of this.#pending) entry.dueMs += shiftMs;
    this.#state =
      this.#state.name === 'frozen'
        ? { name: 'frozen', nowMs: ms }
        : { name: 'running', offsetMs: this.#state.offsetMs + shiftMs };
  }

  #run(offsetMs: number): void {
    this.#state = { name: 'running', offsetMs };
    for (const entry of this.#pending) this.#arm(entry);
  }

  #arm(entry: Pending): void {
    entry.armed?.cancel();
    entry.armed = this.#base.setTimeout(() => {
      this.#pending.delete(entry);
      entry.callback();
    }, entry.dueMs - this.now());
  }

  #disarm(entry: Pending): void {
    entry.armed?.cancel();
    entry.armed = undefined;
  }

  #forget(entry: Pending): void {
    this.#pending.delete(entry);
    this.#disarm(entry);
  }

  #earliest(untilMs: number): Pending | undefined {
    let earliest: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.dueMs <= untilMs && (!earliest || entry.dueMs < earliest.dueMs)) earliest = entry;
    }
    return earliest;
  }
}

/** Lets sockets and promises that are ready go ahead. */
export function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
