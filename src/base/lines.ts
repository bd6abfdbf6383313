/** Somebody sent a line that is longer than it may be. */
export class LineTooLong extends Error {
  constructor(maxBytes: number) {
    super(`a line has more than ${maxBytes} bytes`);
    this.name = 'LineTooLong';
  }
}

const LINE_FEED = 0x0a;

/**
 * The lines of a UTF-8 text that comes in pieces, those of each piece together; the last one need not end with a line feed. Only
 * a line feed ends a line: JSON may have every other separator in it.
 *
 * @throws LineTooLong
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly string[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LINE_FEED);
    if (end >= 0) {
      yield Buffer.concat([...rest, bytes.subarray(0, end)])
        .toString()
        .split('\n');
      rest = [];
      restBytes = 0;
    }
    // A copy, because the memory of the piece may be used again.
    rest.push(Buffer.from(bytes.subarray(end + 1)));
    restBytes += bytes.length - end - 1;
    if (restBytes > maxBytes) throw new LineTooLong(maxBytes);
  }
  if (restBytes > 0) yield [Buffer.concat(rest).toString()];
}
