/** The latest RTP payloads of a track: made once, sent to every viewer, and sent again when a viewer misses some. */
import type { RtpPayload } from './rtp-h264.ts';

/** One packet of a track. `payload` is valid until its slot is overwritten. */
export interface HistoryPacket {
  readonly payload: Buffer;
  /** In ticks of the RTP clock of the track, not wrapped. */
  readonly ticks: number;
  /** Number of its frame, counted from the beginning of the history. */
  readonly frame: number;
  /** Whether it is the last packet of its frame. */
  readonly marker: boolean;
}

/**
 * The latest packets of a track by number, in a ring buffer: a new packet overwrites the oldest one, so that no memory
 * outside the heap is allocated per packet.
 */
export class PacketHistory {
  readonly #slots: Buffer;
  readonly #slotSizeBytes: number;
  readonly #packets: HistoryPacket[] = [];
  readonly #capacity: number;
  #end = 0;
  #frames = 0;

  constructor(capacity: number, slotSizeBytes: number) {
    this.#capacity = capacity;
    this.#slotSizeBytes = slotSizeBytes;
    this.#slots = Buffer.allocUnsafeSlow(capacity * slotSizeBytes);
  }

  /** Number of the next packet. */
  get end(): number {
    return this.#end;
  }

  /** Number of the oldest packet that is kept. */
  get start(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  at(number: number): HistoryPacket | undefined {
    return number >= this.start && number < this.#end ? this.#packets[number % this.#capacity] : undefined;
  }

  /** Adds the payloads of a frame. They are copied. */
  add(payloads: readonly RtpPayload[], ticks: number): void {
    const frame = this.#frames++;
    payloads.forEach(({ prefix, body }, index) => {
      const slot = this.#end++ % this.#capacity;
      const start = slot * this.#slotSizeBytes;
      const end = start + prefix.length + body.length;
      prefix.copy(this.#slots, start);
      body.copy(this.#slots, start + prefix.length);
      const marker = index === payloads.length - 1;
      this.#packets[slot] = { payload: this.#slots.subarray(start, end), ticks, frame, marker };
    });
  }
}
