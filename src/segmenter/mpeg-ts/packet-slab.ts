/**
 * Memory for transport packets that are given away. A slab is cut into pieces from front to back; no byte of it is ever
 * handed out twice, so whoever holds a piece owns it, and the slab goes when the last holder does. Cutting a piece is
 * about ten times cheaper than allocating a buffer of its own.
 */

/** A quarter of a second at 2 Mbit/s: few allocations, and little held by the one slab a quiet stream keeps. */
const SLAB_SIZE_BYTES = 64 * 1024;

export class PacketSlab {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** A piece of exactly `sizeBytes`, with whatever is in memory. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > this.#slab.length - this.#used) {
      // A big access unit gets a buffer of its own, and the slab keeps its rest for the small ones.
      if (sizeBytes > SLAB_SIZE_BYTES / 4) return Buffer.allocUnsafeSlow(sizeBytes);
      this.#slab = Buffer.allocUnsafeSlow(SLAB_SIZE_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += sizeBytes;
    return this.#slab.subarray(start, this.#used);
  }
}
