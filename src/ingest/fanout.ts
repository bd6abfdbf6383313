import { parseAacConfig } from '../codecs/aac.ts';
import { parseAvcConfig } from '../codecs/avc.ts';
import type { ConfigVerdict, Frame, Segmenter } from '../segmenter/segmenter.ts';

/** What an intake feeds. */
export type FrameInput = Pick<Segmenter, 'videoConfig' | 'audioConfig' | 'write' | 'discontinuity'>;

/** What takes the frames of a stream: a segmenter, or whoever shows them to viewers. */
export interface FrameOutput {
  /** A new or repeated AVCDecoderConfigurationRecord. */
  videoConfig(record: Buffer): unknown;
  /** A new or repeated AudioSpecificConfig. */
  audioConfig(config: Buffer): unknown;
  /** `false` asks the caller to stop for a while. `frame.data` is only valid during the call. */
  write(frame: Frame): boolean;
  /** The timeline jumped. */
  discontinuity(): void;
}

/** Gives what it takes to any number of outputs, which come and go. One that comes late is told the configuration first. */
export class Fanout implements FrameInput {
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

  videoConfig(record: Buffer): ConfigVerdict {
    if (!parseAvcConfig(record)) return 'unreadable';
    this.#videoConfig = Buffer.from(record);
    for (const output of this.#outputs) output.videoConfig(record);
    return 'taken';
  }

  audioConfig(config: Buffer): ConfigVerdict {
    if (!parseAacConfig(config)) return 'unreadable';
    this.#audioConfig = Buffer.from(config);
    for (const output of this.#outputs) output.audioConfig(config);
    return 'taken';
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
