/** Opus with libav.js: the codecs of FFmpeg as WebAssembly, in this process. */

import type { LibAVWrapper } from '@libav.js/variant-mediarecorder-transcoder';
import { isError } from '../../base/error-code.ts';
import { toError } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { type Libav, LibavTranscoder } from './libav-transcoder.ts';
import { OPUS_TICKS_PER_MS, type OpusEncoder, type OpusEncoderFactory, type OpusPacket } from './opus-encoder.ts';
import { PacketTimes } from './packet-times.ts';

export const LIBAV_PACKAGE = '@libav.js/variant-mediarecorder-transcoder';

/** Ten seconds at 48 kHz. A stream that is pushed faster than real time fills it; frames above it are dropped. */
const MAX_WAITING_FRAMES = 470;

interface WaitingFrame {
  readonly data: Buffer;
  readonly dtsMs: number;
}

interface Callbacks {
  readonly onPacket: (packet: OpusPacket) => void;
  readonly onFailure: (error: Error) => void;
}

/**
 * An instance of libav that all encoders share; each has separate memory in it.
 *
 * @throws Error when the package is not installed, or exports something else
 */
export async function loadLibav(importPackage: (name: string) => Promise<unknown>): Promise<Libav> {
  const loaded = await importPackage(LIBAV_PACKAGE);
  const wrapper = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (!isWrapper(wrapper)) throw new Error(`${LIBAV_PACKAGE} does not export what it should`);
  const libav = await wrapper.LibAV({ noworker: true, nothreads: true });
  // It would write to our standard error; errors are known from its return values.
  libav.av_log_set_level_sync(libav.AV_LOG_QUIET);
  return libav;
}

function isWrapper(value: unknown): value is LibAVWrapper {
  return typeof value === 'object' && value !== null && 'LibAV' in value && typeof value.LibAV === 'function';
}

export function libavOpusEncoder(libav: Libav, log: Log): OpusEncoderFactory {
  return (audioConfig, onPacket, onFailure) => new LibavOpusEncoder(libav, log, audioConfig, { onPacket, onFailure });
}

/** Encodes one frame per turn of the event loop, at most a millisecond, so that many frames do not block the process. */
class LibavOpusEncoder implements OpusEncoder {
  readonly #libav: Libav;
  readonly #log: Log;
  readonly #audioConfig: Buffer;
  readonly #callbacks: Callbacks;
  readonly #times = new PacketTimes();
  readonly #waiting: WaitingFrame[] = [];
  #turn: NodeJS.Immediate | undefined;
  #transcoder: LibavTranscoder | undefined;
  #unreadableFrames = 0;
  #behind = false;
  #closed = false;

  constructor(libav: Libav, log: Log, audioConfig: Buffer, callbacks: Callbacks) {
    this.#libav = libav;
    this.#log = log;
    this.#audioConfig = Buffer.from(audioConfig);
    this.#callbacks = callbacks;
  }

  write(aacFrame: Buffer, dtsMs: number): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MAX_WAITING_FRAMES) {
      if (!this.#behind) this.#log.warn('sound.behind', { detail: 'sound arrives faster than it can be encoded' });
      this.#behind = true;
      return;
    }
    this.#waiting.push({ data: Buffer.from(aacFrame), dtsMs });
    this.#turn ??= setImmediate(() => this.#work());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#turn);
    this.#waiting.length = 0;
    this.#transcoder?.free();
    if (this.#unreadableFrames > 1) this.#log.info('sound.unreadable', { frames: this.#unreadableFrames });
  }

  #work(): void {
    const frame = this.#waiting.shift();
    const packets = frame && this.#transcode(frame);
    if (packets) this.#deliver(packets);
    if (this.#waiting.length === 0) this.#behind = false;
    const more = this.#waiting.length > 0 && !this.#closed;
    this.#turn = more ? setImmediate(() => this.#work()) : undefined;
  }

  #deliver(packets: readonly OpusPacket[]): void {
    for (const packet of packets) {
      if (!this.#closed) this.#callbacks.onPacket(packet);
    }
  }

  #transcode({ data, dtsMs }: WaitingFrame): readonly OpusPacket[] | undefined {
    try {
      this.#transcoder ??= new LibavTranscoder(this.#libav, this.#audioConfig);
      const packets = this.#transcoder.transcode(data, Math.round(dtsMs * OPUS_TICKS_PER_MS));
      if (!packets) this.#unreadable();
      return packets?.map((packet) => ({ data: packet.data, ticks: this.#times.ticksOf(packet.streamTicks) }));
    } catch (error) {
      // WebAssembly has stopped in the middle of a call: its memory must not be used or freed any more.
      if (isError(error, 'RuntimeError')) this.#transcoder = undefined;
      this.close();
      this.#callbacks.onFailure(toError(error));
      return undefined;
    }
  }

  #unreadable(): void {
    this.#unreadableFrames++;
    if (this.#unreadableFrames === 1) this.#log.warn('sound.unreadable', { detail: 'an AAC frame cannot be decoded' });
  }
}
