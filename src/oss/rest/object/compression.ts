/**
 * Objects that are compressed on the way. Source: "How do I compress objects that I download from OSS in the GZIP
 * format" page: its list of types, its limit, and the headers that the answer has and has not.
 */
import type { Answer } from '../../../http/answer.ts';
import { acceptsGzip, gzipChunks } from '../../../http/gzip.ts';
import type { Call } from '../rest-call.ts';

const MIN_BYTES = 1024;

const TYPES: ReadonlySet<string> = new Set([
  'text/cache-manifest',
  'text/xml',
  'text/plain',
  'text/css',
  'text/html',
  'application/javascript',
  'application/x-javascript',
  'application/rss+xml',
  'application/json',
  'text/json',
]);

/** Of the bytes as they are stored; the checksums stay, and clients compare them with what they have unpacked. */
const LEFT_OUT: readonly string[] = ['etag', 'content-length', 'accept-ranges'];

/**
 * The answer to a GET or HEAD of a whole object, compressed if the client wants it and the service would do it. A
 * request with a Range, and an object that has a Content-Encoding of its own, are answered as they are.
 */
export function compressAnswer(answer: Answer, { headers }: Pick<Call, 'headers'>, sizeBytes: number): Answer {
  const acceptEncoding = headers.get('accept-encoding');
  if (acceptEncoding === undefined || sizeBytes < MIN_BYTES) return answer;
  const [type = ''] = (answer.headers['content-type'] ?? '').split(';');
  if (!TYPES.has(type.trim().toLowerCase()) || answer.headers['content-encoding'] !== undefined) return answer;
  if (headers.has('range') || !acceptsGzip(acceptEncoding)) return answer;
  const kept = Object.entries(answer.headers).filter(([name]) => !LEFT_OUT.includes(name));
  const { body } = answer;
  return {
    status: answer.status,
    headers: { ...Object.fromEntries(kept), 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
    ...(body !== undefined && {
      body: gzipChunks(typeof body === 'string' || Buffer.isBuffer(body) ? [Buffer.from(body)] : body),
    }),
  };
}
