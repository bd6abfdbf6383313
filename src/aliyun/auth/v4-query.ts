/**
 * URLs signed with V4: `x-oss-signature-version`, `x-oss-credential`, `x-oss-date`, `x-oss-expires` (seconds from that
 * date), `x-oss-signature`, optionally `x-oss-additional-headers` and `x-oss-security-token`.
 * Source: "Include a V4 signature in a URL (recommended)" page; EC pages 0002-00000215 to 236.
 */
import { invalidArgument } from '../../base/errors.ts';
import type { Claim, ClaimContext, Evidence } from './claim.ts';
import { accessDenied, requestExpired } from './refusals.ts';
import { isoTime, MAX_SKEW_MS, type Present, parseIsoBasic, skewOf } from './request-time.ts';
import { queryValue } from './signed-request.ts';
import { type CredentialErrors, checkScopeDate, parseCredential, v4Claim } from './v4.ts';

/** Seven days. */
const MAX_EXPIRES_SEC = 604_800;

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

function readExpires(text: string | undefined): number {
  if (text === undefined) {
    throw accessDenied('0002-00000215', 'The x-oss-expires parameter is required.', 'no x-oss-expires in the URL');
  }
  if (text === '') throw invalidArgument('x-oss-expires', text, 'x-oss-expires is empty.', '0002-00000216');
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > MAX_EXPIRES_SEC) {
    const message = `x-oss-expires must be a number of seconds from 1 to ${MAX_EXPIRES_SEC}.`;
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
