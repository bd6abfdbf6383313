/** The two encoders, and a listener that collects their output. */

import type { Log } from '../../../src/base/log.ts';
import { ffmpegOpusEncoder } from '../../../src/watch/audio/ffmpeg-opus.ts';
import { LIBAV_PACKAGE, libavOpusEncoder, loadLibav } from '../../../src/watch/audio/libav-opus.ts';
import type { OpusEncoder, OpusEncoderFactory, OpusPacket } from '../../../src/watch/audio/opus-encoder.ts';
import type { Tool } from '../../support/tools.ts';
import type { AacStream } from './sounds.ts';

export const LIBAV: Tool = {
  name: LIBAV_PACKAGE,
  probe: [process.execPath, '-e', `require.resolve('${LIBAV_PACKAGE}')`],
};

export interface Adapter {
  readonly name: string;
  readonly tools: readonly Tool[];
  /** Frames that it may buffer until further ones come. */
  readonly heldFrames: number;
  readonly open: (log: Log) => Promise<OpusEncoderFactory>;
}

export const ADAPTERS: readonly Adapter[] = [
  {
    name: 'libav',
    tools: [LIBAV],
    heldFrames: 0,
    open: async (log) => libavOpusEncoder(await loadLibav((name) => import(name)), log),
  },
  { name: 'ffmpeg', tools: ['ffmpeg'], heldFrames: 3, open: async (log) => ffmpegOpusEncoder('ffmpeg', log) },
];

/** An encoder and its output. */
export class Listener {
  readonly packets: OpusPacket[] = [];
  readonly encoder: OpusEncoder;
  readonly failed: Promise<Error>;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(factory: OpusEncoderFactory, config: Buffer) {
    let fail: (error: Error) => void;
    this.failed = new Promise((resolve) => {
      fail = resolve;
    });
    this.encoder = factory(
      config,
      (packet) => this.#take(packet),
      (error) => fail(error),
    );
  }

  /** Resolves when there are `count` packets; rejects when the encoder fails before. */
  async reaches(count: number): Promise<void> {
    const failed = this.failed.then((error) => {
      throw error;
    });
    await Promise.race([new Promise<void>((resolve) => this.#wait(count, resolve)), failed]);
  }

  get ticks(): readonly number[] {
    return this.packets.map((packet) => packet.ticks);
  }

  /** The differences between the times of successive packets. */
  get steps(): readonly number[] {
    return this.ticks.slice(1).map((ticks, index) => ticks - (this.ticks[index] ?? 0));
  }

  #wait(count: number, resolve: () => void): void {
    if (this.packets.length >= count) resolve();
    else this.#waiting.push({ count, resolve });
  }

  #take(packet: OpusPacket): void {
    this.packets.push(packet);
    for (const { count, resolve } of this.#waiting) {
      if (this.packets.length >= count) resolve();
    }
  }
}

/** How many packets an encoder must have made of `frameCount` frames. */
export function packetsOf({ frames }: AacStream, frameCount: number): number {
  const frameMs = ((frames.at(-1)?.dtsMs ?? 0) - (frames[0]?.dtsMs ?? 0)) / (frames.length - 1);
  // Minus the look-ahead of the encoder, and a packet that is not complete yet.
  return Math.floor((frameCount * frameMs - 6.5) / 20) - 1;
}
