const BLOCK_BYTES = 128 * 1024;
/** Of a character in UTF-8, for each of its UTF-16 units. */
const MAX_BYTES = 3;

const MILLION = 1_000_000;
/** `000` to `999`. */
const GROUPS = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));

/**
 * A long text of short pieces, which is written as UTF-8 at once: it takes half of the time of strings that are joined and
 * encoded, and leaves nothing to V8's garbage collector.
 */
export class TextBytes {
  readonly #full: Buffer[] = [];
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;
  /** The millions of the last number, which those of consecutive times share. */
  #millions = 0;
  #millionsText = '';

  append(text: string): void {
    const bytes = this.#room(text.length * MAX_BYTES);
    let at = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#length += bytes.write(text, this.#length);
        return;
      }
      bytes[at++] = code;
    }
    this.#length = at;
  }

  /** A non-negative integer in decimal. */
  appendInteger(value: number): void {
    const millions = Math.floor(value / MILLION);
    if (millions === 0) {
      this.append(String(value));
      return;
    }
    if (millions !== this.#millions) {
      this.#millions = millions;
      this.#millionsText = String(millions);
    }
    const rest = value - millions * MILLION;
    const thousands = Math.trunc(rest / 1_000);
    this.append(this.#millionsText);
    this.append(GROUPS[thousands] ?? '');
    this.append(GROUPS[rest - thousands * 1_000] ?? '');
  }

  /** All that was written, in order. Nothing may be written after that. */
  blocks(): readonly Buffer[] {
    return [...this.#full, this.#block.subarray(0, this.#length)];
  }

  /** The block that has so much room. */
  #room(sizeBytes: number): Buffer {
    if (this.#length + sizeBytes > this.#block.length) {
      this.#full.push(this.#block.subarray(0, this.#length));
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, sizeBytes));
      this.#length = 0;
    }
    return this.#block;
  }
}
