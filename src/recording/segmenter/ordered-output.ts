import type { TsOutput, TsUnit } from '../../media/frame.ts';

/** The output of a muxer that may begin before the muxer before it has ended: what comes before `open` waits. */
export class OrderedOutput implements TsOutput {
  readonly #output: TsOutput;
  /** Calls for `#output`; undefined when it is open. */
  #waiting: (() => void)[] | undefined = [];

  constructor(output: TsOutput) {
    this.#output = output;
  }

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const call of waiting) call();
  }

  tables(hasAudio: boolean): void {
    if (this.#waiting) this.#waiting.push(() => this.#output.tables(hasAudio));
    else this.#output.tables(hasAudio);
  }

  unit(unit: TsUnit): void {
    if (!this.#waiting) {
      this.#output.unit(unit);
      return;
    }
    const { track, dtsTicks, keyFrame } = unit;
    const packets = Buffer.from(unit.packets);
    this.#waiting.push(() => this.#output.unit({ track, dtsTicks, keyFrame, packets }));
  }
}
