import type { Frame } from '../media/frame.ts';

/** What is kept for viewers to come; at 2 Mbit/s a minute between key frames. Longer groups are not kept at all. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Copies of what came since the latest key frame, that one first. */
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
    if (this.#sizeBytes > this.#maxBytes) this.clear();
    else this.#frames.push({ ...frame, data: Buffer.from(frame.data) });
  }

  /** What comes next does not go on where this ends. */
  clear(): void {
    // Not emptied in place: a viewer may be reading it.
    this.#frames = [];
    this.#sizeBytes = 0;
  }
}
