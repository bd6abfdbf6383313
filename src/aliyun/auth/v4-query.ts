/**
 * URLs signed with V4: `x-oss-signature-version`, `x-oss-credential`, `x-oss-date`, `x-oss-expires` (seconds from that
 * date), `x-oss-signature`, optionally `x-oss-additional-headers` and `x-oss-security-token`.
 * Source: "Include a V4 signature in a URL (recommended)" page; EC pages 0002-00000215 to 236.
 */
import { invalidArgument } from '../../base/errors.ts';
import { canonicalQuery } from './canonical.ts';
import type { Claim, ClaimContext, Evidence, SignedMessage } from './claim.ts';
import { accessDenied, requestExpired } from './refusals.ts';
import { isoBasic, isoDay, isoTime, MAX_SKEW_MS, type Present, parseIsoBasic, skewOf } from './request-time.ts';
import { type AccessKey, type QueryParameter, queryValue } from './signed-request.ts';
import { SCOPE_END } from './signing-keys.ts';
import { type CredentialErrors, checkScopeDate, parseCredential, V4_ALGORITHM, v4Claim } from './v4.ts';

/** Seven days: the longest time for which a URL can be signed with V4. */
export const MAX_V4_EXPIRES_SEC = 604_800;

const ERRORS: CredentialErrors = {
  argument: 'x-oss-credential',
  malformedEc: '0002-00000202',
  dateEc: '0002-00000223',
  regionEc: '0002-00000228',
  regionMessage: 'The signing region in credential is invalid.',
  needsRegion: true,
};

/** @throws OssError when a parameter is missing or malformed, or the URL has expired */
export function readV4Query({ query }: Evidence, context: ClaimContext): Claim {
  const credential = queryValue(query, 'x-oss-credential');
  const signature = queryValue(query, 'x-oss-signature');
  const timestamp = queryValue(query, 'x-oss-date') ?? '';
  if (!credential) {
    throw accessDenied(
      '0002-00000217',
      'The x-oss-credential parameter is required.',
      'no x-oss-credential in the URL',
    );
  }
  const expiresSec = readExpires(queryValue(query, 'x-oss-expires'));
  if (!signature) {
    throw invalidArgument('x-oss-signature', '', 'The x-oss-signature parameter is required.', ERRORS.malformedEc);
  }
  const { accessKeyId, scope } = parseCredential(credential, ERRORS, context);
  const signedMs = parseIsoBasic(timestamp);
  if (signedMs === undefined) {
    throw invalidArgument('x-oss-date', timestamp, 'x-oss-date is not of the form YYYYMMDDTHHMMSSZ.', ERRORS.dateEc);
  }
  checkScopeDate(scope, signedMs, ERRORS);
  checkPeriod(signedMs, expiresSec, context);
  const additionalHeaders = queryValue(query, 'x-oss-additional-headers') ?? '';
  return v4Claim({ accessKeyId, scope, signature, timestamp, additionalHeaders }, context.signingKeys);
}

/** When and for how long a URL is signed. */
export interface V4UrlTerms {
  /** `cn-hangzhou` */
  readonly region: string;
  /** In milliseconds since the epoch. */
  readonly signedMs: number;
  readonly expiresSec: number;
}

/**
 * The query (without `?`) with which the request is signed in its URL: its own parameters and those of the signature. Of
 * its headers, Content-Type, Content-MD5 and `x-oss-*` are signed, and must be sent as they are here.
 */
export function signV4Query(message: SignedMessage, key: AccessKey, terms: V4UrlTerms): string {
  const { accessKeyId, accessKeySecret, securityToken } = key;
  const { region, signedMs, expiresSec } = terms;
  const scope = { date: isoDay(signedMs), region, product: 'oss' };
  const timestamp = isoBasic(signedMs);
  const query: readonly QueryParameter[] = [
    ...message.query,
    parameter('x-oss-signature-version', V4_ALGORITHM),
    parameter('x-oss-credential', `${accessKeyId}/${scope.date}/${region}/${scope.product}/${SCOPE_END}`),
    parameter('x-oss-date', timestamp),
    parameter('x-oss-expires', String(expiresSec)),
    ...(securityToken === undefined ? [] : [parameter('x-oss-security-token', securityToken)]),
  ];
  const claim = v4Claim({ accessKeyId, scope, timestamp, signature: '', additionalHeaders: '' });
  // The first is in the documented form.
  const [documented] = claim.compute({ ...message, query }, accessKeySecret);
  return canonicalQuery([...query, parameter('x-oss-signature', documented?.signature ?? '')]);
}

function parameter(name: string, value: string): QueryParameter {
  return { name, value, hasEquals: true };
}

function readExpires(text: string | undefined): number {
  if (text === undefined) {
    throw accessDenied('0002-00000215', 'The x-oss-expires parameter is required.', 'no x-oss-expires in the URL');
  }
  if (text === '') throw invalidArgument('x-oss-expires', text, 'x-oss-expires is empty.', '0002-00000216');
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > MAX_V4_EXPIRES_SEC) {
    const message = `x-oss-expires must be a number of seconds from 1 to ${MAX_V4_EXPIRES_SEC}.`;
    throw invalidArgument('x-oss-expires', text, message, '0002-00000232');
  }
  return seconds;
}

function checkPeriod(signedMs: number, expiresSec: number, present: Present): void {
  if (skewOf(signedMs, present) > MAX_SKEW_MS) {
    throw accessDenied('0002-00000235', 'Request is not valid yet.', `the URL was signed at ${isoTime(signedMs)}`);
  }
  const expiresMs = signedMs + expiresSec * 1000;
  if (present.nowMs > expiresMs) throw requestExpired('0002-00000236', expiresMs, present.nowMs);
}
