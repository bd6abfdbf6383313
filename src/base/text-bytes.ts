const BLOCK_BYTES = 128 * 1024;
/** Of a UTF-16 unit in UTF-8. */
const MAX_BYTES = 3;
/** Of a UTF-16 unit as `encodeURIComponent` writes it. */
const MAX_ENCODED = 9;
/** Of an integer in decimal. */
const MAX_DIGITS = 16;

const MILLION = 1_000_000;
/** The digits of `000` to `999`, one after the other. */
const GROUPS = Buffer.from(Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0')).join(''));

/** For each character of ASCII: 1 where `encodeURIComponent` leaves it as it is. */
const IS_PLAIN = Uint8Array.from({ length: 0x80 }, (_, code) =>
  /[\w.!~*'()-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/**
 * A long text of short pieces, which is written as UTF-8 at once: it takes half of the time of strings that are joined and
 * encoded, and leaves nothing to V8's garbage collector. Pieces that come again and again are given as bytes, which takes half of
 * the time of a string.
 */
export class TextBytes {
  readonly #full: Buffer[] = [];
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;
  /** The millions of the last number, which those of consecutive times share. */
  #millions = 0;
  #millionsText: Uint8Array = Buffer.alloc(0);

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

  /** A text in UTF-8. */
  appendBytes(text: Uint8Array): void {
    this.#room(text.length).set(text, this.#length);
    this.#length += text.length;
  }

  /**
   * A text from a position on, as `encodeURIComponent` writes it.
   * @throws URIError when it has half of a surrogate pair
   */
  appendUriComponent(text: string, start: number): void {
    const bytes = this.#room((text.length - start) * MAX_ENCODED);
    let at = this.#length;
    for (let index = start; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f || IS_PLAIN[code] === 0) {
        this.#length = at;
        this.append(encodeURIComponent(text.slice(index)));
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
      this.#millionsText = Buffer.from(String(millions));
    }
    const bytes = this.#room(MAX_DIGITS);
    const rest = value - millions * MILLION;
    const thousands = Math.trunc(rest / 1_000);
    let at = this.#length;
    for (const digit of this.#millionsText) bytes[at++] = digit;
    at = writeGroup(bytes, at, thousands);
    this.#length = writeGroup(bytes, at, rest - thousands * 1_000);
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

/** Three digits. */
function writeGroup(bytes: Buffer, at: number, group: number): number {
  const from = group * 3;
  bytes[at] = GROUPS[from] ?? 0;
  bytes[at + 1] = GROUPS[from + 1] ?? 0;
  bytes[at + 2] = GROUPS[from + 2] ?? 0;
  return at + 3;
}
