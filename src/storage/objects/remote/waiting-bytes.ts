import { StoreUnavailable } from '../object-store.ts';

/** Bytes that the store has not confirmed yet are kept in memory, of all writers together. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;

export class WaitingBytes {
  readonly #maxBytes: number;
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws StoreUnavailable when there would be too many */
  take(sizeBytes: number): void {
    if (this.#sizeBytes + sizeBytes > this.#maxBytes) {
      throw new StoreUnavailable(`${this.#sizeBytes} bytes wait for the object store, and no more may`);
    }
    this.#sizeBytes += sizeBytes;
  }

  give(sizeBytes: number): void {
    this.#sizeBytes -= sizeBytes;
  }
}
