import type { Frame } from '../../media/frame.ts';

type VideoFrame = Extract<Frame, { kind: 'video' }>;

/**
 * Longer than encoders that send their audio header late need for it: `ffmpeg -c copy` sends it with the first audio
 * frame, a few frames after the first picture.
 */
const MAX_HELD_MS = 1_000;
/** One second at 16 Mbit/s. */
const MAX_HELD_BYTES = 2 * 1024 * 1024;

/**
 * The pictures at the start of a program whose audio configuration is not known yet. They are held back for a short
 * time, so that the tables at the head of the first fragment can already list the audio.
 */
export class HeldStart {
  readonly startDtsMs: number;
  /** Copies. */
  readonly frames: VideoFrame[] = [];
  #sizeBytes = 0;

  constructor(startDtsMs: number) {
    this.startDtsMs = startDtsMs;
  }

  /** Whether nothing more may wait, now that the stream has come to `dtsMs`. */
  isOver(dtsMs: number): boolean {
    return dtsMs - this.startDtsMs >= MAX_HELD_MS || this.#sizeBytes >= MAX_HELD_BYTES;
  }

  add({ kind, dtsMs, compositionMs, keyFrame, data }: VideoFrame): void {
    this.frames.push({ kind, dtsMs, compositionMs, keyFrame, data: Buffer.from(data) });
    this.#sizeBytes += data.length;
  }
}
