/** Finds the access key that a request to OSS names, and answers one that may not be used. */
import { OssError } from '../../base/errors.ts';
import type { Evidence } from './claim.ts';
import { unknownAccessKey } from './refusals.ts';
import { type AccessKey, type KeyRing, queryValue } from './signed-request.ts';
import { type ClaimedKey, findUsableKey } from './usable-key.ts';

/**
 * Whether an access key id consists of allowed characters. All schemes use other characters as separators around it.
 */
export function isAccessKeyId(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text);
}

/**
 * The key that a request claims to be signed with.
 *
 * @throws OssError with the code that the STS error page names when it may not be used
 */
export function findAccessKey(keys: KeyRing, claimed: ClaimedKey, nowMs: number): AccessKey {
  const decision = findUsableKey(keys, claimed, nowMs);
  if (decision.refusal === undefined) return decision.key;
  const { refusal, reason } = decision;
  const { accessKeyId } = claimed;
  switch (refusal) {
    case 'unknown':
    case 'disabled':
    case 'token missing':
      throw unknownAccessKey(accessKeyId, reason);
    case 'foreign token':
      throw new OssError(
        'AccessKeyIdAndSecurityTokenNotMatch',
        'The OSS Access Key Id and the security token you provided do not belong together.',
        { details: { OSSAccessKeyId: accessKeyId }, reason },
      );
    case 'wrong token':
    case 'needless token':
      throw new OssError('InvalidSecurityToken', 'The security token you provided is invalid.', { reason });
    case 'expired':
      throw new OssError('SecurityTokenExpired', 'The security token you provided has expired.', { reason });
  }
}

/**
 * The security token of a request: a header or a query parameter.
 *
 * @throws OssError InvalidArgument when it is in both
 */
export function readSecurityToken({ headers, query }: Evidence): string | undefined {
  const inHeader = headers.get('x-oss-security-token');
  const inQuery = queryValue(query, 'security-token') ?? queryValue(query, 'x-oss-security-token');
  if (inHeader !== undefined && inQuery !== undefined) {
    throw new OssError('InvalidArgument', 'The security token must not be in both the header and the URL.', {
      details: { ArgumentName: 'x-oss-security-token' },
      reason: 'a security token in the header and another in the URL',
    });
  }
  return inHeader ?? inQuery;
}
