/** Larger blocks save little more of the system calls, and every file being written holds one. */
const BLOCK_BYTES = 128 * 1024;
/** What a burst leaves behind: 8 MiB. */
const MAX_FREE_BLOCKS = 64;

/**
 * Blocks in which writers gather bytes until a system call is worth it, handed from one writer to the next: memory outside
 * V8's heap that is allocated at the pace of the media makes its garbage collector run without anything to collect.
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
