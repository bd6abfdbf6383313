/** When Opus packets are due. They last 20 ms each, whatever the times of the AAC frames they were made from say. */
import { OPUS_TICKS_PER_MS, PACKET_TICKS } from './opus-encoder.ts';

/** RTMP has whole milliseconds and encoders are not exact: what differs by less than this is the same time. */
const JITTER_TICKS = 20 * OPUS_TICKS_PER_MS;
/** What differs by more is another time: the stream paused, or jumped. */
const JUMP_TICKS = 100 * OPUS_TICKS_PER_MS;
/** What lies between is believed when it stays so for half a second: the clocks drifted apart, or frames are missing. */
const DRIFT_PACKETS = 25;

/** Counts packets, so that there are no gaps, and keeps to the times of the stream all the same. */
export class PacketTimes {
  #nextTicks: number | undefined;
  #strayed = 0;

  /** @param streamTicks when the packet begins according to the stream; need not be whole */
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
