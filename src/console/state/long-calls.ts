import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Progress } from '../../base/progress.ts';

/** How far a call is; of some it is not known how much there is to do. */
export interface CallProgress extends Pick<Progress, 'done' | 'unit'> {
  readonly total: number | undefined;
}

/** Undefined until the call has told how far it is. */
type Running = ReadonlyMap<string, CallProgress | undefined>;

/** The calls that take long and go on now, each under what it does: `Seeding`. They go on while another page is shown. */
export class LongCalls {
  readonly #running = signal<Running>(new Map());
  readonly isActive = computed(() => this.#running.value.size > 0);

  get running(): ReadonlySignal<Running> {
    return this.#running;
  }

  /** @param label of a call that does not go on already */
  async run<Result>(
    label: string,
    call: (report: (progress: CallProgress) => void) => Promise<Result>,
  ): Promise<Result> {
    const report = (progress: CallProgress | undefined) => {
      this.#running.value = new Map(this.#running.peek()).set(label, progress);
    };
    report(undefined);
    try {
      return await call(report);
    } finally {
      this.#running.value = new Map([...this.#running.peek()].filter(([other]) => other !== label));
    }
  }
}
