/** The two encoders, and somebody who listens to them. */

import { createLog, type Log } from '../../../src/base/log.ts';
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
  /** Frames it may keep to itself until the next ones come. */
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

/** A log whose lines are kept. */
export function keptLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createLog(
    'debug',
    (line) => lines.push(line.slice(line.indexOf(' ') + 1)),
    () => 0,
  );
  return { log, lines };
}

/** An encoder and all it says. */
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

  /** Resolves when there are so many packets, rejects when there will not be. */
  async reaches(count: number): Promise<void> {
    const failed = this.failed.then((error) => {
      throw error;
    });
    await Promise.race([new Promise<void>((resolve) => this.#wait(count, resolve)), failed]);
  }

  get ticks(): readonly number[] {
    return this.packets.map((packet) => packet.ticks);
  }

  /** How far each packet begins after the one before it. */
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

/** How many packets an encoder must have made of so many frames. */
export function packetsOf({ frames }: AacStream, frameCount: number): number {
  const frameMs = ((frames.at(-1)?.dtsMs ?? 0) - (frames[0]?.dtsMs ?? 0)) / (frames.length - 1);
  // What the encoder looks ahead, and a packet that is not full yet.
  return Math.floor((frameCount * frameMs - 6.5) / 20) - 1;
}
