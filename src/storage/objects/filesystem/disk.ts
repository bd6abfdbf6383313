import { type Clock, systemClock } from '../../../base/clock.ts';

/** One call of the file system, in both ways. */
export interface FileCall<Result> {
  /** Waits for the disk in this thread. */
  now(): Result;
  /** Waits for it in the thread pool. */
  pooled(): Promise<Result>;
}

/** Something that is done to files, one call after the other. Written once, for both ways. */
export type FileWork<Result> = Generator<FileCall<unknown>, Result, unknown>;

/** A call that takes longer makes a disk slow. Others wait that long for their turn of the event loop. */
const SLOW_MS = 50;
/** So many calls in a row, each quicker than `SLOW_MS`, make it quick again. */
const QUICK_CALLS = 100;

/**
 * Does work on files. As long as the disk is quick, which usually means that the bytes are in the page cache, every call waits
 * in this thread: that costs a quarter to a half of the CPU time of the thread pool. After a call that was slow they wait in
 * the pool, so that a slow or stalled disk costs everybody else the time of one call.
 */
export class Disk {
  readonly #clock: Clock;
  #isSlow = false;
  #quickCalls = 0;

  /** `clock` must run in real time. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Returns the result itself when no call had to wait in the pool. Throws, or rejects with, what the work throws. */
  run<Result>(work: FileWork<Result>): Result | Promise<Result> {
    let step = work.next();
    while (!step.done) {
      if (this.#isSlow) return this.#runPooled(work, step);
      step = this.#callNow(work, step.value);
    }
    return step.value;
  }

  async #runPooled<Result>(work: FileWork<Result>, first: IteratorResult<FileCall<unknown>, Result>): Promise<Result> {
    let step = first;
    while (!step.done) step = await this.#callPooled(work, step.value);
    return step.value;
  }

  #callNow<Result>(work: FileWork<Result>, call: FileCall<unknown>): IteratorResult<FileCall<unknown>, Result> {
    const startedMs = this.#clock.elapsed();
    let result: unknown;
    try {
      result = call.now();
    } catch (error) {
      this.#took(startedMs);
      return work.throw(error);
    }
    this.#took(startedMs);
    return work.next(result);
  }

  async #callPooled<Result>(
    work: FileWork<Result>,
    call: FileCall<unknown>,
  ): Promise<IteratorResult<FileCall<unknown>, Result>> {
    const startedMs = this.#clock.elapsed();
    let result: unknown;
    try {
      result = await call.pooled();
    } catch (error) {
      this.#took(startedMs);
      return work.throw(error);
    }
    this.#took(startedMs);
    return work.next(result);
  }

  #took(startedMs: number): void {
    const isSlow = this.#clock.elapsed() - startedMs >= SLOW_MS;
    this.#quickCalls = isSlow ? 0 : this.#quickCalls + 1;
    if (isSlow) this.#isSlow = true;
    else if (this.#quickCalls >= QUICK_CALLS) this.#isSlow = false;
  }
}
