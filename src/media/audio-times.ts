import type { TsOutput, TsUnit } from './frame.ts';
import { rewritePts } from './mpeg-ts/reader.ts';

/** Far more than ffmpeg holds back: audio it swallows altogether must not be remembered for ever. */
const MAX_REMEMBERED = 4096;

/**
 * Gives audio the times back that it had before ffmpeg.
 *
 * ffmpeg smooths the times of copied audio by the sample rate (av_rescale_delta), away from the stream's milliseconds by
 * up to half of one and a sample; there is no option against it, and the filter setts runs in a time base that differs
 * between versions. But frames come out in the order they went in, so the nearest time not yet used is a frame's own.
 */
export class AudioTimes implements TsOutput {
  readonly #output: TsOutput;
  /** Of the frames that went in and did not come out yet, oldest first. */
  readonly #pendingDtsTicks: number[] = [];

  constructor(output: TsOutput) {
    this.#output = output;
  }

  /** A frame goes into ffmpeg. */
  remember(dtsTicks: number): void {
    this.#pendingDtsTicks.push(dtsTicks);
    if (this.#pendingDtsTicks.length > MAX_REMEMBERED) this.#pendingDtsTicks.shift();
  }

  tables(packets: Buffer): void {
    this.#output.tables(packets);
  }

  unit(unit: TsUnit): void {
    if (unit.track === 'video') {
      this.#output.unit(unit);
      return;
    }
    const dtsTicks = this.#takeNearest(unit.dtsTicks);
    rewritePts(unit.packets, dtsTicks);
    this.#output.unit({ ...unit, dtsTicks });
  }

  #takeNearest(dtsTicks: number): number {
    const pending = this.#pendingDtsTicks;
    const distance = (candidate: number | undefined) => Math.abs((candidate ?? Infinity) - dtsTicks);
    while (distance(pending[1]) < distance(pending[0])) pending.shift();
    return pending.shift() ?? dtsTicks;
  }
}
