/** Finds the access key that a request names, and checks that a temporary key comes with its token. */
import { OssError } from '../../base/errors.ts';
import type { Evidence } from './claim.ts';
import { unknownAccessKey } from './refusals.ts';
import { type AccessKey, type KeyRing, queryValue } from './signed-request.ts';

/**
 * Whether an access key id consists of allowed characters. All schemes use other characters as separators around it.
 */
export function isAccessKeyId(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text);
}

/**
 * The key of that id.
 *
 * @throws OssError InvalidAccessKeyId when there is none or it is disabled
 */
export function findAccessKey(keys: KeyRing, accessKeyId: string): AccessKey {
  const key = keys.find(accessKeyId);
  if (key?.disabled) throw unknownAccessKey(accessKeyId, `${accessKeyId} is configured as disabled`);
  if (key) return key;
  const known = [...keys.all()].map((candidate) => candidate.accessKeyId);
  throw unknownAccessKey(accessKeyId, `unknown access key id; known are: ${known.join(', ') || 'none'}`);
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
      details: { ArgumentName: 'x-oss-security-token', ArgumentValue: inHeader },
      reason: 'a security token in the header and another in the URL',
    });
  }
  return inHeader ?? inQuery;
}

/**
 * A temporary key needs its token, a permanent one must not have any.
 *
 * @throws OssError with the code that the STS error page names when the token is missing, wrong or expired
 */
export function checkSecurityToken(key: AccessKey, token: string | undefined, keys: KeyRing, nowMs: number): void {
  const { accessKeyId, securityToken } = key;
  if (token === undefined) {
    if (securityToken === undefined) return;
    throw unknownAccessKey(accessKeyId, 'a temporary access key was used without its security token');
  }
  if (securityToken !== token) throw foreignToken(accessKeyId, securityToken, token, keys);
  checkKeyExpiry(key, nowMs);
}

/** @throws OssError SecurityTokenExpired when the key is temporary and has expired */
export function checkKeyExpiry({ expiresMs }: AccessKey, nowMs: number): void {
  if (expiresMs === undefined || nowMs <= expiresMs) return;
  throw new OssError('SecurityTokenExpired', 'The security token you provided has expired.', {
    reason: `the temporary key expired at ${new Date(expiresMs).toISOString()}`,
  });
}

function foreignToken(accessKeyId: string, expected: string | undefined, token: string, keys: KeyRing): OssError {
  const owner = keys.ofToken(token);
  if (owner) {
    return new OssError(
      'AccessKeyIdAndSecurityTokenNotMatch',
      'The OSS Access Key Id and the security token you provided do not belong together.',
      { details: { OSSAccessKeyId: accessKeyId }, reason: `the token belongs to ${owner.accessKeyId}` },
    );
  }
  return new OssError('InvalidSecurityToken', 'The security token you provided is invalid.', {
    reason:
      expected === undefined
        ? `${accessKeyId} is a permanent key, which has no security token`
        : `not the security token of ${accessKeyId}`,
  });
}
