/**
 * Finds where the requests of a connection begin and end, for one purpose: of a request with both Content-Length and
 * `Transfer-Encoding: chunked`, the Content-Length is passed on under another name. RFC 9112, 6.3, lets a server take the chunked
 * body of such a request if it closes the connection after the answer. The C SDK sends both with every PUT and POST,
 * ali-oss with a stream of a given length. Node's parser refuses them, and the setting of Node that lets them through
 * lets through every other ambiguous request too.
 *
 * Nothing else is changed, and whatever has not exactly the expected form is left to Node's parser, which is strict.
 */

/** The name of a Content-Length that is not the length of the body. It may be signed. */
export const DECLARED_LENGTH_HEADER = 'content-length-of-chunked-body';
/** Of one request head. Node's parser refuses 16 KiB. */
const MAX_HEAD_BYTES = 32 * 1024;
/** Of one chunk-size line or trailer line. Node's parser refuses 16 KiB of chunk extensions. */
const MAX_LINE_BYTES = 32 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/** The first line of a header that says how long the body is, from its line feed on. */
const LENGTH_LINE = /\n(?:content-length|transfer-encoding)(?![\w-])[^\r\n]*/gi;
/** The same line in the only form that is understood here. */
const STRICT_LENGTH = /^\ncontent-length:[ \t]*(\d{1,15})[ \t]*$/i;
const STRICT_CHUNKED = /^\ntransfer-encoding:[ \t]*chunked[ \t]*$/i;
const LENGTH_NAMES = ['content-length', 'transfer-encoding'];

/** How long the body is. */
type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** Both are given; the name Content-Length begins and ends at these offsets in the head. */
  | { readonly kind: 'both'; readonly nameStart: number; readonly nameEnd: number }
  /** Node's parser decides. */
  | { readonly kind: 'unclear' };

type State =
  | { readonly name: 'head' }
  | { readonly name: 'body'; leftBytes: number }
  | { readonly name: 'chunks'; readonly end: ChunkedEnd; readonly isLast: boolean }
  /** After a request that ends the connection: what follows is dropped. */
  | { readonly name: 'ended' }
  /** What comes is passed on as it is. */
  | { readonly name: 'unclear' };

/** The bytes of one connection. */
export class RequestFraming {
  #state: State = { name: 'head' };
  /** The present head as far as it has come, and how much of it was passed on already. */
  #head: Buffer = NOTHING;
  #passedBytes = 0;
  #requestLine = '';

  /** The first line of the latest request, as far as it has come. */
  get requestLine(): string {
    return this.#requestLine || firstLine(this.#head.toString('latin1'));
  }

  /** What Node's parser is to read in place of `bytes`: at most one request, or a part of one, at a time. */
  *pass(bytes: Buffer): Generator<Buffer> {
    let rest = bytes;
    while (rest.length > 0) {
      const { passed, next } = this.#step(rest);
      if (passed.length > 0) yield passed;
      rest = next;
    }
  }

  #step(bytes: Buffer): { readonly passed: Buffer; readonly next: Buffer } {
    const state = this.#state;
    switch (state.name) {
      case 'head':
        return this.#takeHead(bytes);
      case 'body': {
        const taken = Math.min(state.leftBytes, bytes.length);
        state.leftBytes -= taken;
        if (state.leftBytes === 0) this.#state = { name: 'head' };
        return split(bytes, taken);
      }
      case 'chunks': {
        const taken = state.end.find(bytes);
        if (taken === 'malformed') this.#state = { name: 'unclear' };
        if (typeof taken !== 'number') return split(bytes, bytes.length);
        this.#state = { name: state.isLast ? 'ended' : 'head' };
        return split(bytes, taken);
      }
      case 'ended':
        return { passed: NOTHING, next: NOTHING };
      case 'unclear':
        return split(bytes, bytes.length);
    }
  }

  #takeHead(bytes: Buffer): { readonly passed: Buffer; readonly next: Buffer } {
    if (this.#head.length === 0) {
      this.#requestLine = '';
      const blanks = countBlankLines(bytes);
      // Node's parser skips them before a request.
      if (blanks > 0) return split(bytes, blanks);
    }
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) return this.#endHead(head, end + 4);
    const text = head.toString('latin1');
    const holdFrom = Math.max(this.#passedBytes, heldFrom(text));
    const isUseless = head.length > MAX_HEAD_BYTES || /(?:^|[^\r])\n/.test(text.slice(holdFrom));
    if (isUseless) {
      this.#state = { name: 'unclear' };
      this.#requestLine = firstLine(text);
    }
    const passed = head.subarray(this.#passedBytes, isUseless ? head.length : holdFrom);
    // The memory of `bytes` is the caller's.
    this.#head = isUseless ? NOTHING : Buffer.from(head);
    this.#passedBytes = isUseless ? 0 : holdFrom;
    return { passed, next: NOTHING };
  }

  #endHead(head: Buffer, endAt: number): { readonly passed: Buffer; readonly next: Buffer } {
    const text = head.toString('latin1', 0, endAt);
    const from = this.#passedBytes;
    this.#head = NOTHING;
    this.#passedBytes = 0;
    this.#requestLine = firstLine(text);
    const framing = readFraming(text);
    switch (framing.kind) {
      case 'length': {
        const bodyEnd = Math.min(endAt + framing.bytes, head.length);
        const leftBytes = framing.bytes - (bodyEnd - endAt);
        if (leftBytes > 0) this.#state = { name: 'body', leftBytes };
        return split(head, bodyEnd, from);
      }
      case 'chunked':
        this.#state = { name: 'chunks', end: new ChunkedEnd(), isLast: false };
        return split(head, endAt, from);
      case 'both': {
        this.#state = { name: 'chunks', end: new ChunkedEnd(), isLast: true };
        const before = head.subarray(from, framing.nameStart);
        const after = head.subarray(framing.nameEnd, endAt - 2);
        const name = Buffer.from(DECLARED_LENGTH_HEADER);
        return {
          passed: Buffer.concat([before, name, after, Buffer.from('Connection: close\r\n\r\n')]),
          next: head.subarray(endAt),
        };
      }
      case 'unclear':
        this.#state = { name: 'unclear' };
        return split(head, head.length, from);
    }
  }
}

/** Finds the end of a chunked body (RFC 9112, 7.1), which may come in any pieces. */
class ChunkedEnd {
  #expected: 'size' | 'data' | 'trailer' = 'size';
  #leftBytes = 0;
  #line = '';

  /** The offset after the body; undefined when it goes on. */
  find(bytes: Buffer): number | 'malformed' | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#expected === 'data') {
        const taken = Math.min(this.#leftBytes, bytes.length - at);
        this.#leftBytes -= taken;
        at += taken;
        if (this.#leftBytes === 0) this.#expected = 'size';
        continue;
      }
      const lineFeed = bytes.indexOf(LF, at);
      const lineEnd = lineFeed < 0 ? bytes.length : lineFeed + 1;
      this.#line += bytes.toString('latin1', at, lineEnd);
      at = lineEnd;
      if (this.#line.length > MAX_LINE_BYTES) return 'malformed';
      if (lineFeed < 0) return undefined;
      const line = this.#line;
      this.#line = '';
      if (this.#expected === 'trailer') {
        if (line === '\r\n') return at;
        continue;
      }
      const [, size] = /^([0-9a-f]{1,13})(?:;[^\r\n]*)?\r\n$/i.exec(line) ?? [];
      if (size === undefined) return 'malformed';
      const sizeBytes = Number.parseInt(size, 16);
      this.#expected = sizeBytes === 0 ? 'trailer' : 'data';
      // A line end follows the data.
      this.#leftBytes = sizeBytes + 2;
    }
    return undefined;
  }
}

function readFraming(head: string): Framing {
  const lines = [...head.matchAll(LENGTH_LINE)];
  const [first, second, ...more] = lines;
  if (!first) return { kind: 'length', bytes: 0 };
  // A line that is continued on the next one is not understood.
  if (more.length > 0 || lines.some((line) => !/^\r\n[^ \t]/.test(head.slice(endOf(line), endOf(line) + 3)))) {
    return { kind: 'unclear' };
  }
  const length = lines.find(([line]) => STRICT_LENGTH.test(line));
  const isChunked = lines.some(([line]) => STRICT_CHUNKED.test(line));
  if (!second) {
    if (isChunked) return { kind: 'chunked' };
    const [, digits] = STRICT_LENGTH.exec(first[0]) ?? [];
    return digits === undefined ? { kind: 'unclear' } : { kind: 'length', bytes: Number(digits) };
  }
  const isOfVersion11 = firstLine(head).endsWith(' HTTP/1.1');
  if (!length || !isChunked || !isOfVersion11) return { kind: 'unclear' };
  const nameStart = length.index + 1;
  return { kind: 'both', nameStart, nameEnd: nameStart + 'content-length'.length };
}

function endOf(line: RegExpExecArray): number {
  return line.index + line[0].length;
}

/** From where an incomplete head must be held back: from the first line that says, or may say, how long the body is. */
function heldFrom(head: string): number {
  const at = head.search(LENGTH_LINE);
  if (at >= 0) return at + 1;
  const lastLine = head.lastIndexOf('\n') + 1;
  const begun = head.slice(lastLine).toLowerCase();
  const mayBecomeLength = lastLine > 0 && LENGTH_NAMES.some((name) => name.startsWith(begun));
  return mayBecomeLength ? lastLine : head.length;
}

function countBlankLines(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === CR || bytes[at] === LF) at += 1;
  return at;
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? '';
}

function split(bytes: Buffer, at: number, from = 0): { readonly passed: Buffer; readonly next: Buffer } {
  if (from === 0 && at === bytes.length) return { passed: bytes, next: NOTHING };
  return { passed: bytes.subarray(from, at), next: bytes.subarray(at) };
}
