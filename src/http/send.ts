import type { ServerResponse } from 'node:http';
import { hasErrorCode } from '../base/error-code.ts';
import type { Answer } from './answer.ts';

/** Node sends a text together with the head as one string; it encodes a long one much slower than a buffer does. */
const MAX_TEXT_WITH_HEAD = 16 * 1024;

/**
 * Writes an answer. Resolves when it has been handed to the connection, rejects when the client left or the bytes could
 * not be read. Koa's own responder is not used: it drops Content-Length from a 204 and guesses Content-Type, where the
 * service does neither.
 */
export async function sendAnswer({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  // What nobody read of the body is read and dropped, so that a client that is still sending receives the answer.
  response.req.resume();
  const written: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'content-length') written[headerCase(name)] = value;
  }
  // Last: after a Content-Length, Node would write a Content-Disposition that is not ASCII in another encoding.
  const length = headers['content-length'];
  if (length !== undefined) written['Content-Length'] = length;
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    const whole = typeof body === 'string' && body.length > MAX_TEXT_WITH_HEAD ? Buffer.from(body) : body;
    if (whole !== undefined) written['Content-Length'] = Buffer.byteLength(whole);
    // Node leaves out the body where there must be none: in an answer to HEAD, in 204 and 304.
    response.writeHead(status, written).end(whole);
    return;
  }
  response.writeHead(status, written);
  for await (const chunk of body) await write(chunk, response);
  response.end();
}

/** Why an answer cannot be written any further: what it was cut with, or what Node says, or that the client left. */
export function cutReason(response: ServerResponse, error?: unknown): unknown {
  const isClosed = error === undefined || hasErrorCode(error, 'ERR_STREAM_PREMATURE_CLOSE');
  return response.errored ?? (isClosed ? new Error('the client left') : error);
}

/** Resolves when the bytes were sent, and their memory may be used again. */
function write(chunk: Buffer, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    // When the connection has just ended, Node drops the bytes and does not call back.
    const onClose = () => reject(cutReason(response));
    response.once('close', onClose);
    response.write(chunk, (error) => {
      response.off('close', onClose);
      if (error) reject(cutReason(response, error));
      else resolve();
    });
  });
}

/** Headers of nearly every answer; the names of others are computed. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['server', 'Server'],
  ['date', 'Date'],
  ['content-type', 'Content-Type'],
  ['content-length', 'Content-Length'],
  ['content-md5', 'Content-MD5'],
  ['etag', 'ETag'],
  ['last-modified', 'Last-Modified'],
  ['accept-ranges', 'Accept-Ranges'],
]);

/** The usual case of a standard header; `x-oss-…` stays lower case, as the service sends it. */
function headerCase(name: string): string {
  if (name.startsWith('x-oss-')) return name;
  return SPELLINGS.get(name) ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
