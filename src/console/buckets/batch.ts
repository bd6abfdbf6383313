import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { CallFailed } from '../call-failed.ts';

/** How many things are done at a time. Of the six connections to a host, one follows the events and one is for the page. */
const CONCURRENCY = 4;

/** So many different reasons are told. */
const MAX_REASONS = 3;

export interface FailureReason {
  readonly reason: string;
  readonly count: number;
  /** The first thing that failed so. */
  readonly first: string;
}

export interface BatchProgress {
  /** `finding`: it is not yet known how much there is to do. */
  readonly state: 'finding' | 'running' | 'ended' | 'cancelled';
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Null where it is not about bytes. */
  readonly bytes: { readonly total: number; readonly done: number } | null;
  /** The first different ones. */
  readonly reasons: readonly FailureReason[];
}

/** One thing to do. */
export interface Step {
  readonly name: string;
  readonly sizeBytes: number;
  /** Why it cannot be done, if that is known. */
  readonly problem?: string;
  /**
   * @param onBytes gets how many bytes were sent so far
   * @throws CallFailed, of which the batch counts the reasons
   */
  readonly act: (signal: AbortSignal, onBytes: (sent: number) => void) => Promise<void>;
}

export interface BatchOptions {
  /** `Upload to examplebucket/a/` */
  readonly title: string;
  /** `file` */
  readonly unit: string;
  readonly countsBytes: boolean;
  readonly steps: AsyncIterable<Step>;
}

/** Many steps, some at a time. One that fails is counted, and the others go on. */
export class Batch {
  readonly title: string;
  readonly unit: string;
  readonly #progress = signal<BatchProgress>(NOTHING);
  readonly #abort = new AbortController();
  readonly #countsBytes: boolean;

  constructor({ title, unit, countsBytes }: Omit<BatchOptions, 'steps'>) {
    this.title = title;
    this.unit = unit;
    this.#countsBytes = countsBytes;
  }

  get progress(): ReadonlySignal<BatchProgress> {
    return this.#progress;
  }

  get isActive(): boolean {
    return ['finding', 'running'].includes(this.#progress.value.state);
  }

  /** What is being done is broken off; what was done stays. */
  cancel(): void {
    if (!this.isActive) return;
    this.#abort.abort();
    this.#change({ state: 'cancelled' });
  }

  /** Resolves when nothing is left to do. */
  async run(found: AsyncIterable<Step>): Promise<void> {
    const steps: Step[] = [];
    for await (const step of found) {
      if (this.#abort.signal.aborted) return;
      this.#add(step);
      if (step.problem === undefined) steps.push(step);
    }
    if (this.#abort.signal.aborted) return;
    this.#change({ state: 'running' });
    const queue = steps.values();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#work(queue)));
    if (!this.#abort.signal.aborted) this.#change({ state: 'ended' });
  }

  /** Takes steps until none is left; the other workers take from the same queue. */
  async #work(queue: Iterable<Step>): Promise<void> {
    for (const step of queue) {
      if (this.#abort.signal.aborted) return;
      await this.#do(step);
    }
  }

  async #do({ name, sizeBytes, act }: Step): Promise<void> {
    let counted = 0;
    const count = (sent: number) => {
      this.#addBytes(sent - counted);
      counted = sent;
    };
    try {
      await act(this.#abort.signal, count);
      count(sizeBytes);
      this.#change({ done: this.#progress.peek().done + 1 });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (!(error instanceof CallFailed)) throw error;
      count(0);
      this.#fail(name, sizeBytes, error.message);
    }
  }

  #add({ name, sizeBytes, problem }: Step): void {
    const { total, bytes } = this.#progress.peek();
    const before = bytes ?? { total: 0, done: 0 };
    this.#change({
      total: total + 1,
      ...(this.#countsBytes && { bytes: { ...before, total: before.total + sizeBytes } }),
    });
    if (problem !== undefined) this.#fail(name, sizeBytes, problem);
  }

  /** What fails is no longer to be sent. */
  #fail(name: string, sizeBytes: number, reason: string): void {
    const { failed, bytes, reasons } = this.#progress.peek();
    this.#change({
      failed: failed + 1,
      reasons: withReason(reasons, reason, name),
      ...(bytes && { bytes: { ...bytes, total: bytes.total - sizeBytes } }),
    });
  }

  #addBytes(sent: number): void {
    const { bytes } = this.#progress.peek();
    if (bytes && sent !== 0) this.#change({ bytes: { ...bytes, done: bytes.done + sent } });
  }

  #change(change: Partial<BatchProgress>): void {
    this.#progress.value = { ...this.#progress.peek(), ...change };
  }
}

const NOTHING: BatchProgress = { state: 'finding', total: 0, done: 0, failed: 0, bytes: null, reasons: [] };

function withReason(reasons: readonly FailureReason[], reason: string, name: string): readonly FailureReason[] {
  const isKnown = reasons.some((known) => known.reason === reason);
  if (isKnown) return reasons.map((known) => (known.reason === reason ? { ...known, count: known.count + 1 } : known));
  return reasons.length < MAX_REASONS ? [...reasons, { reason, count: 1, first: name }] : reasons;
}

/** The uploads and deletions of the page. They go on while another page is shown. */
export class Batches {
  readonly #all = signal<readonly Batch[]>([]);
  readonly isActive = computed(() => this.#all.value.some((batch) => batch.isActive));

  get all(): ReadonlySignal<readonly Batch[]> {
    return this.#all;
  }

  start({ steps, ...options }: BatchOptions): Batch {
    const batch = new Batch(options);
    this.#all.value = [...this.#all.value, batch];
    void batch.run(steps);
    return batch;
  }

  /** Of one that has ended. */
  dismiss(batch: Batch): void {
    this.#all.value = this.#all.value.filter((other) => other !== batch);
  }
}
