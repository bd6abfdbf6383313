import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { malformedXml } from '../aliyun/xml/malformed-xml.ts';
import { errorText } from '../base/error-text.ts';
import { OssError } from '../base/errors.ts';
import { checkMd5 } from '../storage/objects/receive.ts';

/** A request as far as its body is concerned. */
export interface BodyOfRequest {
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: IncomingMessage;
}

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
      reason: `the connection ended within the body: ${errorText(error)}`,
    });
  }
}

/** A small body whole, checked against its Content-MD5. Throws MalformedXML when it is longer than `limitBytes`. */
export async function readBody(request: BodyOfRequest, limitBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw bodyTooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyChunks(request.body)) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw bodyTooLarge(limitBytes);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, sizeBytes);
  checkMd5(createHash('md5').update(bytes).digest(), request.headers.get('content-md5'));
  return bytes;
}

function bodyTooLarge(limitBytes: number): OssError {
  return malformedXml(`the body is larger than ${limitBytes} bytes`);
}

/** For object bodies: their length must be known or they must be chunked. Throws MissingContentLength. */
export function requireLength(request: BodyOfRequest): void {
  if (request.headers.has('content-length') || request.headers.has('transfer-encoding')) return;
  throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
}
