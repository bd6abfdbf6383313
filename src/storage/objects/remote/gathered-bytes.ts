import type { BufferPool } from './buffer-pool.ts';

/** The body of one request, gathered in one piece in memory of the pool. */
export class GatheredBytes {
  sizeBytes = 0;
  readonly #pool: BufferPool;
  readonly #maxBytes: number;
  #buffer: Buffer | undefined;

  constructor(pool: BufferPool, maxBytes: number) {
    this.#pool = pool;
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.sizeBytes === this.#maxBytes;
  }

  /** Copies as much as there is room for; returns the rest. */
  add(chunk: Buffer): Buffer {
    const sizeBytes = Math.min(this.sizeBytes + chunk.length, this.#maxBytes);
    const copied = chunk.copy(this.#grownTo(sizeBytes), this.sizeBytes);
    this.sizeBytes += copied;
    return chunk.subarray(copied);
  }

  /** Valid until they are released. */
  bytes(): Buffer {
    return this.#buffer?.subarray(0, this.sizeBytes) ?? Buffer.alloc(0);
  }

  /** The memory is used again. */
  release(): void {
    if (this.#buffer) this.#pool.giveBack(this.#buffer);
    this.#buffer = undefined;
  }

  /** The memory is not used again, because a request that was given up may still read it. */
  abandon(): void {
    this.#buffer = undefined;
  }

  #grownTo(sizeBytes: number): Buffer {
    const before = this.#buffer;
    if (before && before.length >= sizeBytes) return before;
    const grown = this.#pool.take(sizeBytes);
    if (before) {
      before.copy(grown, 0, 0, this.sizeBytes);
      this.#pool.giveBack(before);
    }
    this.#buffer = grown;
    return grown;
  }
}
