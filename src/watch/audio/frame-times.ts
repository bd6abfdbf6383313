/** Which frame a stretch of sound came from, for an encoder that passes on no times. */
import { OPUS_RATE_HZ, OPUS_TICKS_PER_MS } from './opus-encoder.ts';

/** ISO/IEC 14496-3 clause 4.5.1.1, for the rate of the core coder. */
const SAMPLES_PER_FRAME = 1024;
/** No encoder is this far behind, 20 s at 48 kHz: nothing comes of what goes in. */
const MAX_MARKS = 1024;

interface Mark {
  readonly startTicks: number;
  readonly dtsMs: number;
}

/** Where each frame lies in the sound that goes through, and when it was due. Positions are in ticks of 48 kHz. */
export class FrameTimes {
  readonly #frameTicks: number;
  readonly #marks: Mark[] = [];
  #nextTicks = 0;

  constructor(coreSampleRateHz: number) {
    this.#frameTicks = (SAMPLES_PER_FRAME * OPUS_RATE_HZ) / coreSampleRateHz;
  }

  add(dtsMs: number): void {
    this.#marks.push({ startTicks: this.#nextTicks, dtsMs });
    this.#nextTicks += this.#frameTicks;
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  /** The time at a position, which never goes back from call to call. `undefined` before the first frame was added. */
  ticksAt(position: number): number | undefined {
    let [mark, next] = this.#marks;
    while (next && next.startTicks <= position) {
      this.#marks.shift();
      [mark, next] = this.#marks;
    }
    return mark && mark.dtsMs * OPUS_TICKS_PER_MS + position - mark.startTicks;
  }
}
