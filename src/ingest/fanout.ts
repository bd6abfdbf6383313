import type { Frame, Segmenter } from '../segmenter/segmenter.ts';

/** What takes the frames of a stream: a segmenter, or whoever shows them to viewers. */
export type FrameOutput = Pick<Segmenter, 'videoConfig' | 'audioConfig' | 'write' | 'discontinuity'>;

/** Gives what it takes to any number of outputs, which come and go. One that comes late is told the configuration first. */
export class Fanout implements FrameOutput {
  readonly #outputs = new Set<FrameOutput>();
  readonly #onFull: (output: FrameOutput) => void;
  #videoConfig: Buffer | undefined;
  #audioConfig: Buffer | undefined;

  /** @param onFull called with an output that asked for a pause */
  constructor(onFull: (output: FrameOutput) => void) {
    this.#onFull = onFull;
  }

  add(output: FrameOutput): void {
    if (this.#videoConfig) output.videoConfig(this.#videoConfig);
    if (this.#audioConfig) output.audioConfig(this.#audioConfig);
    this.#outputs.add(output);
  }

  remove(output: FrameOutput): void {
    this.#outputs.delete(output);
  }

  videoConfig(record: Buffer): void {
    this.#videoConfig = Buffer.from(record);
    for (const output of this.#outputs) output.videoConfig(record);
  }

  audioConfig(config: Buffer): void {
    this.#audioConfig = Buffer.from(config);
    for (const output of this.#outputs) output.audioConfig(config);
  }

  /** Always true: who must be waited for was told to `onFull`. */
  write(frame: Frame): boolean {
    for (const output of this.#outputs) {
      if (!output.write(frame)) this.#onFull(output);
    }
    return true;
  }

  discontinuity(): void {
    for (const output of this.#outputs) output.discontinuity();
  }
}
