/** The rules of OSS for the bodies of requests. */
import { createHash } from 'node:crypto';
import { malformedXml } from '../../aliyun/xml/malformed-xml.ts';
import { OssError } from '../../base/errors.ts';
import { readBody } from '../../http/body.ts';
import { checkMd5 } from '../../storage/objects/receive.ts';
import type { Call } from './rest-call.ts';

/** The largest XML document, except a list of objects to delete. */
export const MAX_XML_BYTES = 1024 * 1024;

/**
 * The XML document of a request.
 * @throws OssError MalformedXML when it is longer than `limitBytes`, InvalidDigest when it does not fit its
 * Content-MD5, IncompleteBody when the client leaves before the end
 */
export async function readDocument(
  { body, headers }: Pick<Call, 'body' | 'headers'>,
  limitBytes: number,
): Promise<Buffer> {
  const bytes = await readSmallBody({ body, headers }, limitBytes);
  if (bytes) return bytes;
  throw malformedXml(`the body is larger than ${limitBytes} bytes`);
}

/**
 * A body of any kind; undefined when it is longer than `limitBytes`.
 * @throws OssError InvalidDigest when it does not fit its Content-MD5, IncompleteBody when the client leaves before the
 * end
 */
export async function readSmallBody(
  { body, headers }: Pick<Call, 'body' | 'headers'>,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const bytes = await readBody(body, limitBytes);
  if (bytes) checkMd5(createHash('md5').update(bytes).digest(), headers.get('content-md5'));
  return bytes;
}

/**
 * An object body must have a known length or be chunked.
 * @throws OssError MissingContentLength
 */
export function requireLength({ headers }: Pick<Call, 'headers'>): void {
  if (headers.has('content-length') || headers.has('transfer-encoding')) return;
  throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
}
