/** What a track has sent lately, as RTP payloads: made once, sent to every viewer, sent again to those who missed some. */
import type { RtpPayload } from './rtp-h264.ts';

/** One packet of a track. `payload` is valid until the history has gone once around. */
export interface HistoryPacket {
  readonly payload: Buffer;
  /** Of the clock of the track, not wrapped. */
  readonly ticks: number;
  /** Number of its frame, counted from the beginning of the history. */
  readonly frame: number;
  /** It is the last one of its frame. */
  readonly marker: boolean;
}

/**
 * The latest packets of a track by number, in memory that is taken once: what comes in overwrites what is oldest, so that
 * nothing is allocated outside the heap at the pace of the media.
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

  /** Number of the packet to come. */
  get end(): number {
    return this.#end;
  }

  /** Number of the oldest packet there is. */
  get start(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  at(number: number): HistoryPacket | undefined {
    return number >= this.start && number < this.#end ? this.#packets[number % this.#capacity] : undefined;
  }

  /** Adds a frame: its payloads are copied. */
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
