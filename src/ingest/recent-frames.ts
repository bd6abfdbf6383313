import type { Frame } from '../media/frame.ts';

/** A minute between key frames at 2 Mbit/s. Larger groups are not kept at all. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Ten minutes of 60 pictures per second with sound. A peer may send frames of one byte, which take 200 in memory. */
const MAX_COUNT = 65_536;

/** Copies of the frames since the latest key frame, that one first: late viewers begin with them. */
export class RecentFrames {
  readonly #maxBytes: number;
  #frames: Frame[] = [];
  #sizeBytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  add(frame: Frame): void {
    const begins = frame.kind === 'video' && frame.keyFrame;
    if (begins) this.clear();
    else if (this.#frames.length === 0) return;
    this.#sizeBytes += frame.data.length;
    if (this.#sizeBytes > this.#maxBytes || this.#frames.length >= MAX_COUNT) this.clear();
    else this.#frames.push({ ...frame, data: Buffer.from(frame.data) });
  }

  /** Forgets all, because the next frame does not continue them. */
  clear(): void {
    // A new array: a viewer may be reading the old one.
    this.#frames = [];
    this.#sizeBytes = 0;
  }
}
