import type { TsOutput, TsUnit } from './frame.ts';
import { rewritePts } from './mpeg-ts/reader.ts';

/** Far more frames than ffmpeg buffers. The limit matters when ffmpeg drops audio and never returns it. */
const MAX_REMEMBERED = 4096;

/**
 * Restores the times that audio had before ffmpeg.
 *
 * ffmpeg smooths the times of copied audio by the sample rate (av_rescale_delta): they differ from the times of the
 * stream by up to half a millisecond and one sample. No option turns this off, and the time base of the filter setts
 * depends on the version. ffmpeg keeps the order of the frames, so the nearest time not used yet is the right one.
 */
export class AudioTimes implements TsOutput {
  readonly #output: TsOutput;
  /** Decoding times of the frames that ffmpeg has not returned yet, oldest first. */
  readonly #pendingDtsTicks: number[] = [];

  constructor(output: TsOutput) {
    this.#output = output;
  }

  /** Call it for every audio frame that is given to ffmpeg. */
  remember(dtsTicks: number): void {
    this.#pendingDtsTicks.push(dtsTicks);
    if (this.#pendingDtsTicks.length > MAX_REMEMBERED) this.#pendingDtsTicks.shift();
  }

  tables(hasAudio: boolean): void {
    this.#output.tables(hasAudio);
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
