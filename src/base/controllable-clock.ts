import type { Clock, Timer } from './clock.ts';
import { checkDateRange } from './date-range.ts';
import { turnOfTheLoop } from './turn-of-the-loop.ts';

interface Pending {
  /** By `elapsed`. */
  readonly dueMs: number;
  readonly callback: () => void;
  /** Its timer on the base clock, while the time runs. */
  armed: Timer | undefined;
}

/**
 * `running`: it is ahead of the base clock by `offsetMs`, and more time has passed by `extraMs`. `frozen`: it stands at
 * `nowMs`, and no time passes.
 */
type State =
  | { readonly name: 'running'; readonly offsetMs: number; readonly extraMs: number }
  | { readonly name: 'frozen'; readonly nowMs: number; readonly elapsedMs: number };

/**
 * So many turns of the event loop pass before a move, so that e.g. a push that was just accepted has set its timers.
 */
const SETTLING_TURNS = 10;

/** What happens every day for ten years takes some seconds. */
const MAX_STEPWISE_MS = 10 * 366 * 86_400_000;

/**
 * A clock that a person can stop and move. At first it runs with the base clock. Everything that depends on time
 * follows it: expiry of URLs, idle limits, names of fragments, history.
 */
export class ControllableClock implements Clock {
  readonly #base: Clock;
  readonly #breathe: () => Promise<void>;
  readonly #pending = new Set<Pending>();
  #state: State = { name: 'running', offsetMs: 0, extraMs: 0 };
  /** Moves happen one after the other. */
  #moved: Promise<void> = Promise.resolve();

  /** @param breathe resolves when the immediate effects of a timer have happened, so that the time may move on */
  constructor(base: Clock, breathe: () => Promise<void> = turnOfTheLoop) {
    this.#base = base;
    this.#breathe = breathe;
  }

  now(): number {
    return this.#state.name === 'frozen' ? this.#state.nowMs : this.#base.now() + this.#state.offsetMs;
  }

  elapsed(): number {
    return this.#state.name === 'frozen' ? this.#state.elapsedMs : this.#base.elapsed() + this.#state.extraMs;
  }

  /** How far it is ahead of the base clock; negative when it is behind. */
  get offsetMs(): number {
    return this.#state.name === 'running' ? this.#state.offsetMs : this.#state.nowMs - this.#base.now();
  }

  get isFrozen(): boolean {
    return this.#state.name === 'frozen';
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry: Pending = { dueMs: this.elapsed() + Math.max(0, delayMs), callback, armed: undefined };
    this.#pending.add(entry);
    if (this.#state.name === 'running') this.#arm(entry);
    return { cancel: () => this.#forget(entry) };
  }

  /** Stops the time; no timer fires until it moves. */
  freeze(): void {
    if (this.#state.name === 'frozen') return;
    this.#state = { name: 'frozen', nowMs: this.now(), elapsedMs: this.elapsed() };
    for (const entry of this.#pending) this.#disarm(entry);
  }

  /** Lets it run again from its present time. */
  resume(): void {
    if (this.#state.name === 'running') return;
    this.#run(this.offsetMs);
  }

  /**
   * Moves forward. Every timer that becomes due fires, in order and at its time, and its immediate effects happen
   * before the next one fires; so a push that is paced by this clock continues. Resolves when the time is reached.
   * Of a move of more than ten years the first part is one step: what becomes due in it fires at its end.
   * Rejects with a UsageError, before anything moves, when the new time is outside of the range of dates.
   */
  advance(ms: number): Promise<void> {
    return this.#inTurn(() => this.#moveTo(checkDateRange(this.now() + ms)));
  }

  /**
   * Moves to a point in time: forward as `advance` does; back without firing a timer, and delays keep their length.
   * Rejects with a UsageError when it is outside of the range of dates.
   */
  set(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      const targetMs = checkDateRange(ms);
      if (targetMs >= this.now()) await this.#moveTo(targetMs);
      else this.#shiftTo(targetMs);
    });
  }

  /** Returns to the time of the base clock. No timer fires; delays keep their length. */
  reset(): void {
    this.#shiftTo(this.#base.now());
    this.#run(0);
  }

  #inTurn(move: () => Promise<void>): Promise<void> {
    const moved = this.#moved.then(move);
    // The caller of this move receives its failure; the next move is not affected.
    this.#moved = moved.catch(() => {});
    return moved;
  }

  async #moveTo(targetMs: number): Promise<void> {
    const wasRunning = this.#state.name === 'running';
    this.freeze();
    for (let turn = 0; turn < SETTLING_TURNS; turn++) await this.#breathe();
    const aheadMs = this.now() - this.elapsed();
    const untilMs = targetMs - aheadMs;
    const stepsFromMs = untilMs - MAX_STEPWISE_MS;
    for (let next = this.#earliest(untilMs); next; next = this.#earliest(untilMs)) {
      const elapsedMs = Math.max(this.elapsed(), next.dueMs, stepsFromMs);
      this.#state = { name: 'frozen', nowMs: elapsedMs + aheadMs, elapsedMs };
      this.#pending.delete(next);
      next.callback();
      await this.#breathe();
      // The clock was reset or resumed meanwhile: the move ends.
      if (this.#state.name !== 'frozen') return;
    }
    this.#state = { name: 'frozen', nowMs: targetMs, elapsedMs: untilMs };
    if (wasRunning) this.#run(this.offsetMs);
  }

  /** Another time, without time passing: timers wait as long as before. */
  #shiftTo(ms: number): void {
    this.#state =
      this.#state.name === 'frozen'
        ? { name: 'frozen', nowMs: ms, elapsedMs: this.#state.elapsedMs }
        : { name: 'running', offsetMs: this.#state.offsetMs + ms - this.now(), extraMs: this.#state.extraMs };
  }

  #run(offsetMs: number): void {
    this.#state = { name: 'running', offsetMs, extraMs: this.elapsed() - this.#base.elapsed() };
    for (const entry of this.#pending) this.#arm(entry);
  }

  #arm(entry: Pending): void {
    entry.armed?.cancel();
    entry.armed = this.#base.setTimeout(() => {
      this.#pending.delete(entry);
      entry.callback();
    }, entry.dueMs - this.elapsed());
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
