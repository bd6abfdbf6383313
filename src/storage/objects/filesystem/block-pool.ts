/** Larger blocks save few more system calls, and every file that is being written uses one. */
const BLOCK_BYTES = 128 * 1024;
/** So many are kept for later use: 8 MiB. */
const MAX_FREE_BLOCKS = 64;

/**
 * Blocks in which writers collect bytes for one system call. They are used again by other writers: when memory outside
 * V8's heap is allocated all the time, its garbage collector runs often although there is nothing to collect.
 */
export class BlockPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** The caller must not touch the block again. */
  giveBack(block: Buffer): void {
    if (this.#free.length < MAX_FREE_BLOCKS) this.#free.push(block);
  }
}
