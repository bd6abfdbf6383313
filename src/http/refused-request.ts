/** Refusals of bytes that are no HTTP request, and of requests that may be read in two ways. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { errorDocument } from '../aliyun/xml/error-document.ts';
import { OssError } from '../base/errors.ts';
import type { Answer } from './answer.ts';
import { ISOLATION_HEADERS } from './isolation.ts';

/** An error of Node's HTTP server: `HPE_...` of its parser, with the parser's reason. */
export interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

export function parserRefusal({ code, reason, message }: ParserError): OssError {
  const cause = { reason: `${code ?? 'no code'}: ${reason ?? message}` };
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new OssError('BadRequest', 'The request header section is too large.', cause);
  }
  return new OssError('BadRequest', 'The request is not valid HTTP.', cause);
}

/** A client took too long over a request. OSS answers the code with 400; 408 tells every client of HTTP what happened. */
export function requestTimeout(): OssError {
  const message = 'Your socket connection to the server was not read from or written to in time.';
  return new OssError('RequestTimeout', message, { status: 408 });
}

/**
 * What RFC 9112 tells a server to refuse and Node's parser accepts: a Transfer-Encoding other than `chunked`, or before
 * HTTP/1.1 (6.1), and anything but one Host (3.2).
 */
export function headRefusal({ rawHeaders, httpVersion }: IncomingMessage): OssError | undefined {
  const refusal = (reason: string) => new OssError('BadRequest', 'The request is not valid HTTP.', { reason });
  let hosts = 0;
  let encodings = 0;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    if (name.length !== 17 || name.toLowerCase() !== 'transfer-encoding') continue;
    encodings += 1;
    const value = rawHeaders[at + 1] ?? '';
    if (value.toLowerCase() !== 'chunked') return refusal(`Transfer-Encoding "${value}" is not chunked`);
    if (httpVersion !== '1.1') return refusal(`Transfer-Encoding in HTTP/${httpVersion}`);
  }
  if (encodings > 1) return refusal(`${encodings} Transfer-Encoding headers`);
  if (hosts > 1) return refusal(`${hosts} Host headers`);
  return hosts === 0 && httpVersion === '1.1' ? refusal('no Host header') : undefined;
}

/** There are too many connections, or too many requests on them. Source: "503" page of the OSS error codes. */
export function busyRefusal(retryAfterSec: number): OssError {
  const headers = { 'retry-after': String(retryAfterSec) };
  return new OssError('ServiceUnavailable', 'Thread pool is almost full, please retry later.', { headers });
}

export function refusalAnswer(refusal: OssError, requestId: string): Answer & { readonly body: string } {
  return {
    status: refusal.status,
    headers: {
      ...ISOLATION_HEADERS,
      server: 'AliyunOSS',
      'x-oss-request-id': requestId,
      'content-type': 'application/xml',
      connection: 'close',
      ...refusal.headers,
    },
    body: errorDocument(refusal, requestId, ''),
  };
}

/** The answer as text, for a connection on which Node's server can make none. */
export function refusalText(refusal: OssError, requestId: string): string {
  const { status, headers, body } = refusalAnswer(refusal, requestId);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}${length}\r\n${body}`;
}
