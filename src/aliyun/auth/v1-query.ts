/**
 * URLs signed with V1: `OSSAccessKeyId`, `Expires` (seconds since the epoch), `Signature`, with STS `security-token`.
 * Source: "Add signatures to URLs" page; EC pages 0002-00000067 to 70 and 73.
 */
import { invalidArgument, OssError } from '../../base/errors.ts';
import { isAccessKeyId } from './access-keys.ts';
import { percentEncode, resourcePath } from './canonical.ts';
import { type Claim, type ClaimContext, type Evidence, hmacBase64 } from './claim.ts';
import { accessDenied, requestExpired } from './refusals.ts';
import { type AccessKey, type QueryParameter, queryValue, type Resource } from './signed-request.ts';
import { V1_URL_PARAMETERS, v1Claim } from './v1.ts';

export function hasV1Query(query: readonly QueryParameter[]): boolean {
  return query.some(({ name }) => V1_URL_PARAMETERS.includes(name));
}

/** @throws OssError when a parameter is missing, the key id is malformed, or the URL has expired */
export function readV1Query({ query }: Evidence, { nowMs }: ClaimContext): Claim {
  const accessKeyId = required(query, 'OSSAccessKeyId');
  const expires = required(query, 'Expires');
  // A plus that the client did not encode arrives as a blank. Base64 has no blanks.
  const signature = required(query, 'Signature').replaceAll(' ', '+');
  if (!isAccessKeyId(accessKeyId)) {
    throw invalidArgument('OSSAccessKeyId', accessKeyId, 'The AccessKeyId has illegal characters.', '0002-00000073');
  }
  const expiresSec = checkExpires(expires, nowMs, { invalid: '0002-00000070', expired: '0002-00000069' });
  return v1Claim({ accessKeyId, signature, expiresSec, dateLine: () => expires });
}

/**
 * An absolute expiry in seconds, as a number. It may be far in the future: that of the documented Go sample is decades
 * away.
 *
 * @throws OssError AccessDenied, with one of the two given EC codes, when it is not a number or has passed
 */
export function checkExpires(text: string, nowMs: number, ecs: { invalid: string; expired: string }): number {
  if (!/^\d{1,19}$/.test(text)) {
    throw new OssError('AccessDenied', 'Invalid date (should be seconds since epoch).', {
      ec: ecs.invalid,
      reason: `"${text}" is not a number of seconds since the epoch`,
    });
  }
  const expiresSec = Number(text);
  if (nowMs > expiresSec * 1000) throw requestExpired(ecs.expired, expiresSec * 1000, nowMs);
  return expiresSec;
}

/**
 * The query (without `?`) with which the object can be read by GET until `expiresSec`, in the order in which the
 * service writes it into playlists (`x-oss-process=hls/sign`).
 */
export function signV1Url(resource: Resource, key: AccessKey, expiresSec: number): string {
  const { accessKeyId, accessKeySecret, securityToken } = key;
  const subResources = securityToken === undefined ? '' : `?security-token=${securityToken}`;
  const stringToSign = `GET\n\n\n${expiresSec}\n${resourcePath(resource)}${subResources}`;
  const signature = hmacBase64('sha1', accessKeySecret, stringToSign);
  const query = `Expires=${expiresSec}&OSSAccessKeyId=${accessKeyId}&Signature=${percentEncode(signature)}`;
  return securityToken === undefined ? query : `${query}&security-token=${percentEncode(securityToken)}`;
}

function required(query: readonly QueryParameter[], name: string): string {
  const value = queryValue(query, name);
  if (value) return value;
  throw accessDenied(
    value === undefined ? '0002-00000067' : '0002-00000068',
    'Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters',
    `the URL has ${value === undefined ? 'no' : 'an empty'} ${name}`,
  );
}
