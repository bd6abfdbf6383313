import type { Clock, Timer } from '../../../base/clock.ts';

const SMALLEST_BYTES = 64 * 1024;
/** Longer than a fragment, because pushes that began together end their fragments together. */
const KEPT_MS = 30_000;

interface FreeBuffers {
  readonly buffers: Buffer[];
  /** How many were there at all times since the last look: they are too many. */
  unneeded: number;
}

/**
 * Buffers in which writers gather what they send. They are used again by other writers: when memory outside V8's heap is
 * allocated all the time, its garbage collector runs often although there is nothing to collect. What nobody needed for
 * half a minute is given up.
 */
export class BufferPool {
  readonly #clock: Clock;
  /** By their length, a power of two. */
  readonly #free = new Map<number, FreeBuffers>();
  #look: Timer | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A buffer of at least so many bytes, with any content. */
  take(sizeBytes: number): Buffer {
    const length = Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(sizeBytes)));
    const free = this.#free.get(length);
    const buffer = free?.buffers.pop();
    if (!free || !buffer) return Buffer.allocUnsafeSlow(length);
    free.unneeded = Math.min(free.unneeded, free.buffers.length);
    return buffer;
  }

  /** The caller must not touch the buffer again. */
  giveBack(buffer: Buffer): void {
    if (this.#isClosed) return;
    const free = this.#free.get(buffer.length);
    if (free) free.buffers.push(buffer);
    else this.#free.set(buffer.length, { buffers: [buffer], unneeded: 0 });
    this.#look ??= this.#clock.setTimeout(() => this.#giveUpUnneeded(), KEPT_MS);
  }

  close(): void {
    this.#isClosed = true;
    this.#look?.cancel();
    this.#free.clear();
  }

  #giveUpUnneeded(): void {
    for (const [length, free] of this.#free) {
      free.buffers.splice(0, free.unneeded);
      free.unneeded = free.buffers.length;
      if (free.buffers.length === 0) this.#free.delete(length);
    }
    this.#look = this.#free.size === 0 ? undefined : this.#clock.setTimeout(() => this.#giveUpUnneeded(), KEPT_MS);
  }
}
