/**
 * URLs signed with V2: `x-oss-signature-version=OSS2`, `x-oss-access-key-id`, `x-oss-expires` (seconds since the
 * epoch), `x-oss-signature`, optionally `x-oss-additional-headers`. Source: EC pages 0002-00000113 to 116; Go and
 * Python SDKs.
 */
import { invalidArgument } from '../../base/errors.ts';
import { isAccessKeyId } from './access-keys.ts';
import type { Claim, ClaimContext, Evidence } from './claim.ts';
import { accessDenied } from './refusals.ts';
import { type QueryParameter, queryValue } from './signed-request.ts';
import { checkExpires } from './v1-query.ts';
import { v2Claim } from './v2.ts';

/** @throws OssError when a parameter is missing, the key id is malformed, or the URL has expired */
export function readV2Query({ query }: Evidence, { nowMs }: ClaimContext): Claim {
  const expires = required(query, 'x-oss-expires', '0002-00000113');
  const accessKeyId = required(query, 'x-oss-access-key-id', '0002-00000116');
  const signature = required(query, 'x-oss-signature', '0002-00000067').replaceAll(' ', '+');
  if (!isAccessKeyId(accessKeyId)) {
    const message = 'The AccessKeyId has illegal characters.';
    throw invalidArgument('x-oss-access-key-id', accessKeyId, message, '0002-00000073');
  }
  // The codes of V1, because no page names others.
  const expiresSec = checkExpires(expires, nowMs, { invalid: '0002-00000070', expired: '0002-00000069' });
  const additionalHeaders = queryValue(query, 'x-oss-additional-headers') ?? '';
  return v2Claim({ accessKeyId, signature, expiresSec, additionalHeaders, dateLine: () => expires });
}

function required(query: readonly QueryParameter[], name: string, ec: string): string {
  const value = queryValue(query, name);
  if (value) return value;
  throw accessDenied(
    ec,
    'Query-string authentication requires the x-oss-signature, x-oss-expires and x-oss-access-key-id parameters',
    `the URL has ${value === undefined ? 'no' : 'an empty'} ${name}`,
  );
}
