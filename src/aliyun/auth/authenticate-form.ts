/**
 * Finds who signed a form (PostObject). What is signed is its `policy` field, as it was sent. Sources: "A V1 signature in
 * a PostObject request" and "A V4 signature in a PostObject request" pages; EC pages 0002-00000702 to 710, which also
 * name the fields of V2.
 */
import { invalidArgument } from '../../base/errors.ts';
import { findAccessKey, isAccessKeyId } from './access-keys.ts';
import type { AuthenticateOptions, Authentication, FormScheme } from './authenticate.ts';
import { type Claim, type ComputedSignature, findFit, hmacBase64, type SignedMessage } from './claim.ts';
import { mismatch } from './explain.ts';
import { accessDenied, requestExpired } from './refusals.ts';
import { isoTime, MAX_SKEW_MS, type Present, parseIsoBasic, skewOf } from './request-time.ts';
import type { Resource } from './signed-request.ts';
import { hmacSha256, SigningKeys } from './signing-keys.ts';
import { type CredentialErrors, checkScopeDate, parseCredential, V4_ALGORITHM } from './v4.ts';

/** The fields of a form, by lower-case name: names are not case-sensitive (PostObject page). */
export type FormFields = ReadonlyMap<string, string>;

/** From `x-oss-date` on. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;

const CREDENTIAL_ERRORS: CredentialErrors = {
  argument: 'x-oss-credential',
  malformedEc: '0002-00000710',
  dateEc: '0002-00000709',
  regionEc: '0002-00000228',
  regionMessage: 'The signing region in credential is invalid.',
  needsRegion: true,
};

/** The fields that carry key and signature. */
const FIELDS: Readonly<Record<FormScheme, { readonly key: string; readonly signature: string }>> = {
  'v1-form': { key: 'OSSAccessKeyId', signature: 'Signature' },
  'v2-form': { key: 'x-oss-access-key-id', signature: 'x-oss-signature' },
  'v4-form': { key: 'x-oss-credential', signature: 'x-oss-signature' },
};

/**
 * Finds who signed a form for this bucket. A form with none of the three fields policy, key and signature is anonymous; one
 * with any of them must have all.
 *
 * @throws OssError when a field is missing or not valid, or the signature does not fit
 */
export function authenticateForm(fields: FormFields, resource: Resource, options: AuthenticateOptions): Authentication {
  const scheme = detectScheme(fields);
  const names = FIELDS[scheme];
  const signs = [names.key, names.signature].some((name) => fields.has(name.toLowerCase()));
  if (!signs && !fields.has('policy')) return { scheme: 'anonymous', resource };
  const policy = required(fields, 'policy', '0002-00000702', '0006-00000205');
  const signature = required(fields, names.signature, '0002-00000703', '0002-00000704');
  const keyField = required(fields, names.key, '0002-00000706', '0002-00000707');
  const claim =
    scheme === 'v4-form'
      ? v4Claim(fields, policy, signature, keyField, options)
      : plainClaim(scheme, policy, signature, keyField);
  const { accessKeyId } = claim;
  const securityToken = fields.get('x-oss-security-token');
  const key = findAccessKey(options.keys, { accessKeyId, securityToken }, options.nowMs);
  const message: SignedMessage = { method: 'POST', headers: new Map(), query: [], resource };
  if (findFit(claim, message, key.accessKeySecret)) return { scheme, key, resource };
  throw mismatch(claim, message, key, options.keys);
}

function detectScheme(fields: FormFields): FormScheme {
  const version = fields.get('x-oss-signature-version');
  if (version === undefined) return 'v1-form';
  if (version === V4_ALGORITHM) return 'v4-form';
  if (version === 'OSS2') return 'v2-form';
  throw invalidArgument('x-oss-signature-version', version, 'Unsupported Authorization Type', '0002-00000002');
}

function required(fields: FormFields, name: string, absentEc: string, emptyEc: string): string {
  const value = fields.get(name.toLowerCase());
  if (value) return value;
  const message = `Bucket POST must contain a field named '${name}'. If it is specified, please check the order of the fields.`;
  throw invalidArgument(name, '', message, value === undefined ? absentEc : emptyEc);
}

function plainClaim(scheme: 'v1-form' | 'v2-form', policy: string, signature: string, accessKeyId: string): Claim {
  checkAccessKeyId(accessKeyId);
  const algorithm = scheme === 'v1-form' ? 'sha1' : 'sha256';
  return formClaim(accessKeyId, signature, policy, (secret) => hmacBase64(algorithm, secret, policy));
}

function v4Claim(
  fields: FormFields,
  policy: string,
  signature: string,
  credential: string,
  options: AuthenticateOptions,
): Claim {
  checkAccessKeyId(credential.split('/')[0] ?? '');
  const { accessKeyId, scope } = parseCredential(credential, CREDENTIAL_ERRORS, options);
  const date = fields.get('x-oss-date') ?? '';
  const signedMs = parseIsoBasic(date);
  if (signedMs === undefined) {
    const message = 'x-oss-date is not of the form YYYYMMDDTHHMMSSZ.';
    throw invalidArgument('x-oss-date', date, message, CREDENTIAL_ERRORS.dateEc);
  }
  checkScopeDate(scope, signedMs, CREDENTIAL_ERRORS);
  checkAge(signedMs, options);
  const { signingKeys = new SigningKeys() } = options;
  return formClaim(accessKeyId, signature, policy, (secret) =>
    hmacSha256(signingKeys.derive(secret, scope), policy).toString('hex'),
  );
}

function checkAccessKeyId(accessKeyId: string): void {
  if (isAccessKeyId(accessKeyId)) return;
  throw invalidArgument('OSSAccessKeyId', accessKeyId, 'The AccessKeyId has illegal characters.', '0002-00000708');
}

function checkAge(signedMs: number, present: Present): void {
  if (skewOf(signedMs, present) > MAX_SKEW_MS) {
    throw accessDenied('0002-00000235', 'Request is not valid yet.', `the form was signed at ${isoTime(signedMs)}`);
  }
  const expiresMs = signedMs + MAX_AGE_MS;
  if (present.nowMs > expiresMs) throw requestExpired('0002-00000236', expiresMs, present.nowMs);
}

function formClaim(accessKeyId: string, signature: string, policy: string, sign: (secret: string) => string): Claim {
  return {
    accessKeyId,
    signature,
    mismatchEc: '0002-00000705',
    *compute(_message, secret): Generator<ComputedSignature> {
      yield { stringToSign: policy, signature: sign(secret) };
    },
    *slips() {
      // Only the secret can be wrong, or what is signed: the explanation tries secrets of itself.
    },
  };
}
