import type { Rest } from './rest.ts';
import { parseXml } from './xml.ts';

/** What HeadObject and GetObjectACL say. */
export interface ObjectFacts {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly contentType: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly acl: string;
}

export async function readObjectFacts(rest: Rest, bucket: string, key: string): Promise<ObjectFacts> {
  const [head, acl] = await Promise.all([
    // With a range, browsers do not ask for compression, and what is compressed is answered without length and ETag.
    rest({ method: 'HEAD', bucket, key, headers: { range: 'bytes=0-' } }),
    rest({ bucket, key, query: { acl: '' } }),
  ]);
  return {
    headers: [...head.headers].filter(([name]) => !OF_THE_ANSWER.includes(name)),
    contentType: head.headers.get('content-type') ?? '',
    etag: head.headers.get('etag') ?? '',
    sizeBytes: Number(head.headers.get('content-length')),
    acl: parseXml(acl.text).querySelector('Grant')?.textContent ?? '',
  };
}

/** Headers that say nothing of the object. */
const OF_THE_ANSWER: readonly string[] = [
  'connection',
  'content-security-policy',
  'date',
  'keep-alive',
  'server',
  'vary',
  'x-content-type-options',
  'x-oss-request-id',
  'x-oss-server-time',
];
