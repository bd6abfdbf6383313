import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECLARED_LENGTH_HEADER, RequestFraming } from '../../src/http/request-framing.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const BODY = '3\r\nabc\r\n0\r\n\r\n';

function request(headers: readonly string[], body = '', line = 'PUT /b/k HTTP/1.1'): string {
  return `${[line, 'Host: h', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/**
 * What is passed on of a text that comes in pieces of the given sizes, the last one repeated. Each piece is read into the
 * memory of the one before.
 */
function pass(text: string, sizes: readonly number[] = [text.length]): string {
  const framing = new RequestFraming();
  const bytes = Buffer.from(text, 'latin1');
  const read = Buffer.alloc(bytes.length);
  const passed: Buffer[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const size = Math.max(1, sizes[Math.min(piece, sizes.length - 1)] ?? 1);
    const sizeRead = bytes.copy(read, 0, at, at + size);
    for (const part of framing.pass(read.subarray(0, sizeRead))) passed.push(Buffer.from(part));
    at += size;
  }
  return Buffer.concat(passed).toString('latin1');
}

const BOTH = request(['Content-Length: 3', CHUNKED], BODY);
const BOTH_PASSED = request([`${DECLARED_LENGTH_HEADER}: 3`, CHUNKED, 'Connection: close'], BODY);

describe('a request with a length and a chunked body', () => {
  it('is passed on with its length under another name, and ends the connection', () => {
    expect(pass(BOTH)).toBe(BOTH_PASSED);
  });

  it('is known in either order, in any case, with any blanks around the values', () => {
    expect(pass(request(['transfer-ENCODING:\t Chunked ', 'x: y', 'CONTENT-length:00003\t'], BODY))).toBe(
      request(
        ['transfer-ENCODING:\t Chunked ', 'x: y', `${DECLARED_LENGTH_HEADER}:00003\t`, 'Connection: close'],
        BODY,
      ),
    );
  });

  it('is the last one: what follows is dropped', () => {
    expect(pass(BOTH + request([]))).toBe(BOTH_PASSED);
  });

  it.each([
    ['no body', request([], '', 'GET / HTTP/1.1')],
    ['a body of a length', request(['Content-Length: 5'], 'GET /')],
    ['a body that looks like such a request', request([`Content-Length: ${BOTH.length}`], BOTH)],
    ['a chunked body', request([CHUNKED], `5;name=value\r\n\r\n\r\n0\r\n0\r\nTrailer: a\r\n\r\n`)],
    ['blank lines after it', `${request([])}\r\n\r\n`],
    ['a header whose value has the names', request(['Access-Control-Request-Headers: content-length'])],
    ['a header whose name begins so', request(['Content-Length-Of: 3', 'Transfer-Encodings: a'])],
  ])('may follow one with %s', (_what, before) => {
    expect(pass(before + BOTH)).toBe(before + BOTH_PASSED);
  });

  it('may come in any pieces', () => {
    const before = request(['Content-Length: 4'], '\r\n\r\n') + request([CHUNKED], BODY);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        expect(pass(before + BOTH + BOTH, sizes)).toBe(before + BOTH_PASSED);
      }),
    );
  });
});

describe('any other request is left to the parser as it is', () => {
  it.each([
    ['two lengths', request(['Content-Length: 3', 'Content-Length: 3', CHUNKED], BODY)],
    ['two encodings', request(['Content-Length: 3', CHUNKED, CHUNKED], BODY)],
    ['another encoding', request(['Content-Length: 3', 'Transfer-Encoding: gzip, chunked'], BODY)],
    ['an encoding before', request(['Transfer-Encoding: identity', CHUNKED], BODY)],
    ['a length that is no number', request(['Content-Length: +3', CHUNKED], BODY)],
    ['a length that is too long', request([`Content-Length: ${'9'.repeat(16)}`, CHUNKED], BODY)],
    ['a continued line', request(['Content-Length: 3', 'Transfer-Encoding: chunked\r\n , gzip'], BODY)],
    ['a value on the next line', request(['Content-Length: 3', 'Transfer-Encoding:\r\n chunked'], BODY)],
    ['a blank before the colon', request(['Content-Length : 3', CHUNKED], BODY)],
    ['a bare line feed', request(['Content-Length: 3\nX: y', CHUNKED], BODY)],
    ['a bare line feed before the name', request(['X: y\nContent-Length: 3'], 'abc')],
    ['HTTP/1.0', request(['Content-Length: 3', CHUNKED], BODY, 'PUT / HTTP/1.0')],
    ['no HTTP', '\0\x80'],
  ])('%s', (_what, text) => {
    expect(pass(text)).toBe(text);
    expect(pass(text, [7])).toBe(text);
  });

  it.each(['zz\r\n', '\r\n', '-1\r\n', '0x3\r\n', `${'f'.repeat(17)}\r\n`, '3\n', '3 \r\n'])(
    'with the chunk size %j, and everything after it',
    (size) => {
      const text = request([CHUNKED], `${size}abc\r\n0\r\n\r\n`) + BOTH;
      expect(pass(text)).toBe(text);
    },
  );

  it('is passed on at once as far as it cannot be such a request', () => {
    expect(pass('GET / HTTP/1.1\nHost: h\n\n')).toBe('GET / HTTP/1.1\nHost: h\n\n');
    expect(pass('PUT / HTTP/1.1\r\nHost: h\r\nCont')).toBe('PUT / HTTP/1.1\r\nHost: h\r\n');
    expect(pass('PUT / HTTP/1.1\r\nContent-Length: 3\nX: y')).toBe('PUT / HTTP/1.1\r\nContent-Length: 3\nX: y');
    const endless = `PUT / HTTP/1.1\r\nContent-Length: 3\r\nX: ${'x'.repeat(40_000)}`;
    expect(pass(endless, [1000])).toBe(endless);
  });

  it('whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
        const text = `${Buffer.from(bytes).toString('latin1')}\n\n`;
        fc.pre(!/content-length|transfer-encoding/i.test(text));
        const passed = pass(text, [size]);
        expect(text.startsWith(passed)).toBe(true);
      }),
    );
  });
});

it('knows the line of the request that it is at', () => {
  const framing = new RequestFraming();
  const line = (text: string) => {
    for (const _ of framing.pass(Buffer.from(text)));
    return framing.requestLine;
  };
  expect(line('GET /a HT')).toBe('GET /a HT');
  expect(line('TP/1.1\r\nHost: h\r\n\r\n')).toBe('GET /a HTTP/1.1');
  expect(line('noise')).toBe('noise');
});
