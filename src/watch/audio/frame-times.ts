/** Finds the time of encoded audio from its position, for an encoder that does not keep times. */
import { OPUS_RATE_HZ, OPUS_TICKS_PER_MS } from './opus-encoder.ts';

/** ISO/IEC 14496-3 clause 4.5.1.1, for the rate of the core coder. */
const SAMPLES_PER_FRAME = 1024;
/** 20 s at 48 kHz. No encoder has such a delay: if there are more, it returns no packets. */
const MAX_MARKS = 1024;

interface Mark {
  readonly startTicks: number;
  readonly dtsMs: number;
}

/** The position of each frame in the audio, and its time. Positions are in ticks of 48 kHz. */
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

  /** The time at a position, which must not decrease from call to call. `undefined` before the first frame was added. */
  ticksAt(position: number): number | undefined {
    let [mark, next] = this.#marks;
    while (next && next.startTicks <= position) {
      this.#marks.shift();
      [mark, next] = this.#marks;
    }
    return mark && mark.dtsMs * OPUS_TICKS_PER_MS + position - mark.startTicks;
  }
}
