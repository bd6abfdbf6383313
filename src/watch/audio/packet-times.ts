/** The times of Opus packets. Each lasts 20 ms, also when the times of the AAC frames are irregular. */
import { OPUS_TICKS_PER_MS, PACKET_TICKS } from './opus-encoder.ts';

/** RTMP has whole milliseconds and encoders are not exact: a smaller difference is ignored. */
const JITTER_TICKS = 20 * OPUS_TICKS_PER_MS;
/** A larger difference is followed at once: the stream paused or its time jumped. */
const JUMP_TICKS = 100 * OPUS_TICKS_PER_MS;
/** A difference between the two is followed when it lasts half a second: clocks drifted, or frames are missing. */
const DRIFT_PACKETS = 25;

/** Counts packets, so that there are no gaps, and corrects the count when it differs from the stream. */
export class PacketTimes {
  #nextTicks: number | undefined;
  #strayed = 0;

  /** @param streamTicks start of the packet by the times of the stream; may be fractional */
  ticksOf(streamTicks: number): number {
    const ticks = this.#nextTicks === undefined ? Math.round(streamTicks) : this.#follow(this.#nextTicks, streamTicks);
    this.#nextTicks = ticks + PACKET_TICKS;
    return ticks;
  }

  #follow(countedTicks: number, streamTicks: number): number {
    const apartTicks = Math.abs(streamTicks - countedTicks);
    this.#strayed = apartTicks > JITTER_TICKS ? this.#strayed + 1 : 0;
    if (apartTicks <= JUMP_TICKS && this.#strayed < DRIFT_PACKETS) return countedTicks;
    this.#strayed = 0;
    return Math.round(streamTicks);
  }
}
