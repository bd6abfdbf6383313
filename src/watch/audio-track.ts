/** The audio of a broadcast. AAC is encoded to Opus as soon as a viewer requests audio. */
import type { OpusEncoder, OpusEncoderFactory } from './audio/opus-encoder.ts';
import { PacketHistory } from './packet-history.ts';

/** More than one second of packets of 20 ms, for resends. */
const HISTORY_PACKETS = 64;
/** The largest Opus packet. RFC 6716 clause 3.4. */
const MAX_PACKET_SIZE_BYTES = 1275;
const NO_PREFIX = Buffer.alloc(0);

export interface AudioTrackEvents {
  /** There is a packet to send. */
  onPacket(): void;
  onFailure(error: Error): void;
}

export class AudioTrack {
  readonly history = new PacketHistory(HISTORY_PACKETS, MAX_PACKET_SIZE_BYTES);
  readonly #events: AudioTrackEvents;
  #factory: OpusEncoderFactory | undefined;
  #config: Buffer | undefined;
  #encoder: OpusEncoder | undefined;

  constructor(events: AudioTrackEvents) {
    this.#events = events;
  }

  /** Encodes from now on, with the encoder that was given first. */
  listen(factory: OpusEncoderFactory): void {
    this.#factory ??= factory;
  }

  configure(config: Buffer): void {
    if (this.#config?.equals(config)) return;
    this.#config = Buffer.from(config);
    this.#closeEncoder();
  }

  /** @param mediaMs decoding time on the timeline of the broadcast */
  write(aacFrame: Buffer, mediaMs: number): void {
    if (this.#factory && this.#config) {
      this.#encoder ??= this.#open(this.#factory, this.#config);
      this.#encoder.write(aacFrame, mediaMs);
    }
  }

  close(): void {
    this.#factory = undefined;
    this.#closeEncoder();
  }

  #open(factory: OpusEncoderFactory, config: Buffer): OpusEncoder {
    return factory(
      config,
      ({ data, ticks }) => {
        this.history.add([{ prefix: NO_PREFIX, body: data }], ticks);
        this.#events.onPacket();
      },
      (error) => {
        // The video continues without audio.
        this.close();
        this.#events.onFailure(error);
      },
    );
  }

  #closeEncoder(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }
}
