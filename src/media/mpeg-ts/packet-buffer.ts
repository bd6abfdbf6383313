/** The size of a key frame at about 4 Mbit/s. The memory of larger units is not kept. */
const MAX_KEPT_BYTES = 256 * 1024;

/** Memory for the packets of one access unit at a time: every `take` may return the same memory again. */
export class PacketBuffer {
  #bytes = Buffer.alloc(0);

  /** Returns `sizeBytes` bytes, not initialized. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > MAX_KEPT_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    if (sizeBytes > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.min(MAX_KEPT_BYTES, Math.max(sizeBytes, 2 * this.#bytes.length)));
    }
    return this.#bytes.subarray(0, sizeBytes);
  }
}
