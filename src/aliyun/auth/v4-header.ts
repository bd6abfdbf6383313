/**
 * `Authorization: OSS4-HMAC-SHA256 Credential=<id>/<scope>[,AdditionalHeaders=<a;b>],Signature=<hex>`, in any order; the
 * Python SDK writes blanks after the commas. Source: EC pages 0002-00000201 to 227.
 */
import { invalidArgument } from '../../base/errors.ts';
import { headerText } from './canonical.ts';
import type { Claim, ClaimContext, Evidence } from './claim.ts';
import { checkRequestTime, requestTimeText } from './request-time.ts';
import { type CredentialErrors, checkScopeDate, parseCredential, V4_ALGORITHM, v4Claim } from './v4.ts';

const ERRORS: CredentialErrors = {
  argument: 'Authorization',
  malformedEc: '0002-00000202',
  dateEc: '0002-00000212',
  regionEc: '0002-00000226',
  regionMessage: 'Invalid signing region in Authorization header.',
  needsRegion: false,
};

/** @throws OssError when a field is missing or malformed, or the time is missing or too far from the present */
export function readV4Header({ headers }: Evidence, context: ClaimContext): Claim {
  const authorization = headerText(headers, 'authorization');
  const fields = parseFields(authorization.slice(V4_ALGORITHM.length));
  const credential = fields.get('Credential');
  const signature = fields.get('Signature');
  if (!credential || !signature) {
    const message = 'Authorization header is invalid: Credential and Signature are required.';
    throw invalidArgument(ERRORS.argument, authorization, message, ERRORS.malformedEc);
  }
  const { accessKeyId, scope } = parseCredential(credential, ERRORS, context);
  checkScopeDate(scope, checkRequestTime(headers, context), ERRORS);
  const additionalHeaders = fields.get('AdditionalHeaders') ?? '';
  const timestamp = requestTimeText(headers);
  return v4Claim({ accessKeyId, scope, signature, timestamp, additionalHeaders }, context.signingKeys);
}

function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return fields;
}
