import type { Program } from '../../media/frame.ts';
import type { Cutter } from './cutter.ts';
import { OrderedOutput } from './ordered-output.ts';
import type { Muxer, MuxerEvents, MuxerFactory } from './segmenter.ts';

/** Frames with the same parameters: a program, or the part of one that has the same audio configuration throughout. */
export interface MuxedPart {
  readonly audioConfig: Buffer | undefined;
  readonly muxer: Muxer;
  readonly output: OrderedOutput;
  /** Of the program. */
  readonly cutter: Cutter;
}

export interface MuxingQueueOptions {
  readonly muxer: MuxerFactory;
  readonly onDrain: () => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs a muxer for each part. A muxer that has ended may still have output, for which the later ones wait, so that the
 * cutters get the parts one after the other.
 */
export class MuxingQueue {
  readonly #options: MuxingQueueOptions;
  /** Parts whose output is not complete, in order. */
  readonly #unfinished = new Set<MuxedPart>();
  #allFinished: Promise<void> = Promise.resolve();
  #fragmentsOfEarlierPrograms = 0;

  constructor(options: MuxingQueueOptions) {
    this.#options = options;
  }

  /** How many muxers there are. */
  get length(): number {
    return this.#unfinished.size;
  }

  /**
   * Starts the muxer of the next part.
   * @throws Error when it cannot be started
   */
  begin(program: Program, cutter: Cutter): MuxedPart {
    const { muxer, onDrain, onFailure } = this.#options;
    const events: MuxerEvents = { onDrain, onFailure };
    const output = new OrderedOutput(cutter);
    const part = { audioConfig: program.audioConfig, muxer: muxer(program, output, events), output, cutter };
    this.#unfinished.add(part);
    if (this.#unfinished.size === 1) this.#open(part);
    return part;
  }

  /** No frame of this part follows. `endsProgram`: nor one of its program. */
  end(part: MuxedPart, endsProgram: boolean): void {
    this.#allFinished = this.#finish(part, part.muxer.end(), endsProgram, this.#allFinished);
  }

  /** Resolves when the output of all parts that were ended is cut. */
  finished(): Promise<void> {
    return this.#allFinished;
  }

  destroy(): void {
    for (const { muxer, cutter } of this.#unfinished) {
      muxer.destroy();
      cutter.abort();
    }
    this.#unfinished.clear();
  }

  async #finish(
    part: MuxedPart,
    muxed: Promise<void>,
    endsProgram: boolean,
    earlierFinished: Promise<void>,
  ): Promise<void> {
    try {
      await muxed;
    } catch (error) {
      this.#options.onFailure(error);
    }
    await earlierFinished;
    if (!this.#unfinished.delete(part)) return;
    if (endsProgram) {
      part.cutter.finish();
      this.#fragmentsOfEarlierPrograms += part.cutter.fragmentCount;
    }
    const [next] = this.#unfinished;
    if (next) this.#open(next);
    // Also without a next part: a muxer that was full when it was ended does not tell that it has drained.
    this.#options.onDrain();
  }

  #open({ cutter, output }: MuxedPart): void {
    if (this.#fragmentsOfEarlierPrograms > 0 && cutter.fragmentCount === 0) cutter.markDiscontinuity();
    output.open();
  }
}
