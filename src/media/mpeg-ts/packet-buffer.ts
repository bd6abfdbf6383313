/** The key frame of a stream of 4 Mbit/s or so; of larger units the memory is not worth keeping. */
const MAX_KEPT_BYTES = 256 * 1024;

/** Memory for the packets of one access unit after the other: what was taken is overwritten by what is taken next. */
export class PacketBuffer {
  #bytes = Buffer.alloc(0);

  /** `sizeBytes` with whatever is in memory. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > MAX_KEPT_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    if (sizeBytes > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.min(MAX_KEPT_BYTES, Math.max(sizeBytes, 2 * this.#bytes.length)));
    }
    return this.#bytes.subarray(0, sizeBytes);
  }
}
