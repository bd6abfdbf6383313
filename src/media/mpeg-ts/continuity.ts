import { PACKET_SIZE_BYTES } from './packets.ts';

/** Sets the continuity counters of one transport stream, whatever muxers its packets come from. */
export class ContinuityCounters {
  /** By PID: the counter of its latest packet. */
  readonly #latest = new Map<number, number>();

  /**
   * Numbers the packets, in place. The counter rises with every packet of a PID that has a payload; one with an
   * adaptation field only repeats it. ISO/IEC 13818-1 clause 2.4.3.3.
   */
  number(packets: Buffer): void {
    let pid = -1;
    let counter = 0;
    for (let at = 0; at < packets.length; at += PACKET_SIZE_BYTES) {
      const nextPid = (((packets[at + 1] ?? 0) & 0x1f) << 8) | (packets[at + 2] ?? 0);
      if (nextPid !== pid) {
        if (pid >= 0) this.#latest.set(pid, counter);
        pid = nextPid;
        counter = this.#latest.get(pid) ?? 0x0f;
      }
      const control = packets[at + 3] ?? 0;
      const hasPayload = (control & 0x10) !== 0;
      if (hasPayload) counter = (counter + 1) & 0x0f;
      packets[at + 3] = (control & 0xf0) | counter;
    }
    if (pid >= 0) this.#latest.set(pid, counter);
  }
}
