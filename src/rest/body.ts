import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OssError } from '../errors.ts';
import { checkMd5 } from '../objects/receive.ts';
import type { Call } from './call.ts';

/** No XML document of ours is longer, except a list of objects to delete. */
export const MAX_XML_BYTES = 1024 * 1024;

/**
 * The bytes of a request body, as they come. The request itself stays open when the consumer stops early, so that it can
 * still be answered. Throws IncompleteBody when the client leaves before the end.
 */
export async function* bodyChunks(body: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new OssError('IncompleteBody', 'You did not provide the number of bytes specified by Content-Length.', {
      reason: `the connection ended within the body: ${error instanceof Error ? error.message : error}`,
    });
  }
}

/** A small body whole, checked against its Content-MD5. Throws MalformedXML when it is longer than `limitBytes`. */
export async function readBody(call: Call, limitBytes: number): Promise<Buffer> {
  if (Number(call.headers.get('content-length') ?? 0) > limitBytes) throw bodyTooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyChunks(call.body)) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw bodyTooLarge(limitBytes);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, sizeBytes);
  checkMd5(createHash('md5').update(bytes).digest(), call.headers.get('content-md5'));
  return bytes;
}

/** A body that does not say what it should; `detail` is for the person who wrote it. */
export function malformedXml(detail: string): OssError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema.';
  return new OssError('MalformedXML', message, {
    ec: '0016-00000608',
    details: { ErrorDetail: detail },
    reason: detail,
  });
}

function bodyTooLarge(limitBytes: number): OssError {
  return malformedXml(`the body is larger than ${limitBytes} bytes`);
}

/** For object bodies: their length must be known or they must be chunked. Throws MissingContentLength. */
export function requireLength(call: Call): void {
  if (call.headers.has('content-length') || call.headers.has('transfer-encoding')) return;
  throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
}
