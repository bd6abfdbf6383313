import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Answer } from './call.ts';

/**
 * Writes an answer. Resolves when it has been handed to the connection, rejects when the client left or the bytes could
 * not be read. Koa's own responder is not used: it drops Content-Length from a 204 and guesses Content-Type, where the
 * service does neither.
 */
export async function sendAnswer({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  const written: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(headers)) written[headerCase(name)] = value;
  if (body instanceof Readable) {
    response.writeHead(status, written);
    return stream(body, response);
  }
  if (body !== undefined) written['Content-Length'] = Buffer.byteLength(body);
  // Node leaves out the body where there must be none: of an answer to HEAD, of 204 and 304.
  response.writeHead(status, written).end(body);
}

/** What `pipeline` does, without its AbortController: that one costs more than sending a small object. */
function stream(body: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) {
      body.destroy();
      return reject(new Error('the client left'));
    }
    body.on('error', (error) => {
      response.destroy(error);
      reject(error);
    });
    response.on('close', () => {
      if (response.writableFinished) return resolve();
      body.destroy();
      reject(new Error('the client left'));
    });
    body.pipe(response);
  });
}

/** Standard headers as they are usually written; `x-oss-…` stays lower case, as the service sends it. */
function headerCase(name: string): string {
  if (name.startsWith('x-oss-')) return name;
  if (name === 'etag') return 'ETag';
  if (name === 'content-md5') return 'Content-MD5';
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
