/** Pictures with the time drawn into them, encoded and pushed when they are made. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Of the time in milliseconds, most significant first, each a block from left to right: white is 1. */
export const CLOCK_BITS = 40;
export const CLOCK_BLOCK_PX = 16;

const WIDTH_PX = CLOCK_BITS * CLOCK_BLOCK_PX;
const HEIGHT_PX = 360;
const FRAME_RATE = 30;
const NOISE_DEPTH = 48;

/** The settings for the lowest delay, and a key frame every two seconds. */
function encoderArguments(url: string): readonly string[] {
  const picture = `-f rawvideo -pix_fmt gray -s ${WIDTH_PX}x${HEIGHT_PX} -use_wallclock_as_timestamps 1 -i -`;
  // As fast as it is read, which is the rate of the pictures.
  const sound = '-f lavfi -i sine=frequency=440:sample_rate=48000';
  const video = `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${2 * FRAME_RATE} -b:v 2M`;
  return `-hide_banner -v error ${picture} ${sound} ${video} -c:a aac -flush_packets 1 -f flv ${url}`.split(' ');
}

export class ClockPictures {
  readonly #encoder: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #frame = Buffer.alloc(WIDTH_PX * HEIGHT_PX);
  #frames = 0;

  constructor(url: string) {
    this.#encoder = spawn('ffmpeg', encoderArguments(url), { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#timer = setInterval(() => this.#draw(), 1000 / FRAME_RATE);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const exited = once(this.#encoder, 'exit');
    this.#encoder.kill('SIGKILL');
    await exited;
  }

  #draw(): void {
    const nowMs = Date.now();
    for (let bit = 0; bit < CLOCK_BITS; bit++) {
      const level = Math.floor(nowMs / 2 ** (CLOCK_BITS - 1 - bit)) % 2 === 1 ? 255 : 0;
      for (let row = 0; row < CLOCK_BLOCK_PX; row++) {
        const start = row * WIDTH_PX + bit * CLOCK_BLOCK_PX;
        this.#frame.fill(level, start, start + CLOCK_BLOCK_PX);
      }
    }
    // A moving area below, so that the encoder has data to encode.
    const shift = this.#frames++ * 7;
    for (let at = CLOCK_BLOCK_PX * WIDTH_PX; at < this.#frame.length; at++) {
      this.#frame[at] = ((at + shift) * 31) % NOISE_DEPTH;
    }
    this.#encoder.stdin?.write(Buffer.from(this.#frame));
  }
}
