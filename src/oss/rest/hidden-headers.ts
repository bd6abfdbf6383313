/** Applies the rules of PutBucketResponseHeader to answers. */
import { matchesWildcards } from '../../aliyun/policy/wildcards.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import { configurationOf } from '../bucket/bucket-configurations.ts';
import { plainNameOf } from './operation.ts';

/** It says where the answer ends, and the client needs it. */
const NEVER_HIDDEN = 'content-length';

/** The headers, in lower case, without those that the bucket hides in answers of this operation. */
export function visibleHeaders(
  headers: Readonly<Record<string, string>>,
  bucket: Bucket | undefined,
  operationName: string | undefined,
): Readonly<Record<string, string>> {
  const rules = bucket && configurationOf(bucket, 'responseHeader')?.rules;
  if (!rules || operationName === undefined) return headers;
  const operation = plainNameOf(operationName);
  const hidden = new Set(
    rules
      .filter(({ operations }) => operations.some((pattern) => matchesWildcards(pattern, operation)))
      .flatMap(({ hideHeaders }) => hideHeaders.map((name) => name.toLowerCase())),
  );
  hidden.delete(NEVER_HIDDEN);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hidden.has(name)));
}
