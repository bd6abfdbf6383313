/**
 * Reads bit fields, most significant bit first, as the MPEG standards write them.
 *
 * Reading past the end gives zeros and sets `overrun`, so that a parser of untrusted bytes can follow its syntax table
 * and check once, at the end, whether the data was complete.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #sizeBits: number;
  #position = 0;
  #overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#sizeBits = bytes.length * 8;
  }

  /** True after a read past the end, or of an Exp-Golomb code longer than the standard allows. */
  get overrun(): boolean {
    return this.#overrun;
  }

  get remainingBits(): number {
    return Math.max(0, this.#sizeBits - this.#position);
  }

  /** An unsigned field of up to 32 bits: u(n). */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) value = value * 2 + this.#bit();
    return value;
  }

  flag(): boolean {
    return this.#bit() === 1;
  }

  skip(count: number): void {
    this.#position += count;
    if (this.#position > this.#sizeBits) this.#overrun = true;
  }

  /** Unsigned Exp-Golomb: ue(v) of ITU-T H.264 clause 9.1. */
  unsignedGolomb(): number {
    let leadingZeros = 0;
    while (!this.flag()) {
      if (++leadingZeros > 31 || this.#overrun) {
        this.#overrun = true;
        return 0;
      }
    }
    return 2 ** leadingZeros - 1 + this.bits(leadingZeros);
  }

  /** Signed Exp-Golomb: se(v) of ITU-T H.264 clause 9.1.1. */
  signedGolomb(): number {
    const code = this.unsignedGolomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#position >>> 3];
    const shift = 7 - (this.#position & 7);
    this.#position++;
    if (byte === undefined) {
      this.#overrun = true;
      return 0;
    }
    return (byte >>> shift) & 1;
  }
}
