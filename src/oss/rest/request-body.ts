/** The rules of OSS for the bodies of requests. */
import { createHash } from 'node:crypto';
import { malformedXml } from '../../aliyun/xml/malformed-xml.ts';
import { OssError } from '../../base/errors.ts';
import { readBody } from '../../http/body.ts';
import { checkMd5 } from '../../storage/objects/receive.ts';
import type { Call } from './rest-call.ts';

/** The largest XML document, except a list of objects to delete. */
export const MAX_XML_BYTES = 1024 * 1024;
const MD5_BYTES = 16;
const MD5_BYTES_OF_C_SDK = 20;

/**
 * The XML document of a request.
 * @throws OssError MalformedXML when it is longer than `limitBytes`, InvalidDigest when it does not fit its
 * Content-MD5, IncompleteBody when the client leaves before the end
 */
export async function readDocument(
  { body, headers, noteDocument }: Pick<Call, 'body' | 'headers' | 'noteDocument'>,
  limitBytes: number,
): Promise<Buffer> {
  const bytes = await readSmallBody({ body, headers }, limitBytes);
  if (bytes) {
    noteDocument?.(bytes);
    return bytes;
  }
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
  if (bytes) checkMd5(createHash('md5').update(bytes).digest(), documentMd5(headers.get('content-md5')));
  return bytes;
}

/**
 * The C SDK encodes 20 bytes (oss_delete_objects in oss_bucket.c): the 16 of the MD5, and what is behind them in memory.
 * The service takes the first 16.
 */
function documentMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, 'base64');
  return bytes.length === MD5_BYTES_OF_C_SDK ? bytes.subarray(0, MD5_BYTES).toString('base64') : header;
}

/**
 * An object body must have a known length or be chunked.
 * @throws OssError MissingContentLength
 */
export function requireLength({ headers }: Pick<Call, 'headers'>): void {
  if (headers.has('content-length') || headers.has('transfer-encoding')) return;
  throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
}
