/**
 * What V4 headers and V4 URLs have in common: a canonical request, its digest under a credential scope, and a key
 * derived from the secret for that scope. Source: "Include a V4 signature in the Authorization header (recommended)"
 * page.
 */
import { hash } from 'node:crypto';
import { invalidArgument, OssError } from '../../base/errors.ts';
import { isAccessKeyId } from './access-keys.ts';
import {
  canonicalQuery,
  headerLines,
  headerText,
  isOssHeader,
  parseHeaderNames,
  percentEncodePath,
  resourcePath,
} from './canonical.ts';
import type { Claim, ClaimContext, SignedMessage } from './claim.ts';
import { isoDay, isoTime, parseIsoBasic } from './request-time.ts';
import type { QueryParameter } from './signed-request.ts';
import { hmacSha256, SCOPE_END, SigningKeys, type V4Scope } from './signing-keys.ts';
import { isSubResource } from './sub-resources.ts';

export const V4_ALGORITHM = 'OSS4-HMAC-SHA256';
/** The SDKs sign `oss-cloudbox` for a cloud box. */
const PRODUCTS = ['oss', 'oss-cloudbox'];

export interface V4Evidence {
  readonly accessKeyId: string;
  readonly scope: V4Scope;
  readonly signature: string;
  /** Second line of the string to sign, as sent: ISO 8601 basic, or from the Go SDK the text of its Date header. */
  readonly timestamp: string;
  /** `host;user-agent` */
  readonly additionalHeaders: string;
}

/** EC codes for a wrong credential; they differ between header and URL. */
export interface CredentialErrors {
  readonly argument: string;
  readonly malformedEc: string;
  readonly dateEc: string;
  readonly regionEc: string;
  readonly regionMessage: string;
  /** A credential without a region is refused. */
  readonly needsRegion: boolean;
}

export function v4Claim(evidence: V4Evidence, signingKeys = new SigningKeys()): Claim {
  const { accessKeyId, signature, scope, timestamp } = evidence;
  const named = parseHeaderNames(evidence.additionalHeaders);
  const additional = new Set([...named].filter((name) => !isSignedByDefault(name)));
  return {
    accessKeyId,
    signature,
    mismatchEc: '0002-00000201',
    *compute(message, secret) {
      const signingKey = signingKeys.derive(secret, scope);
      for (const canonicalRequest of canonicalRequests(message, additional)) {
        const digest = hash('sha256', canonicalRequest);
        const scopeText = `${scope.date}/${scope.region}/${scope.product}/${SCOPE_END}`;
        const stringToSign = `${V4_ALGORITHM}\n${timestamp}\n${scopeText}\n${digest}`;
        yield { canonicalRequest, stringToSign, signature: hmacSha256(signingKey, stringToSign).toString('hex') };
      }
    },
    *slips() {
      for (const region of [`oss-${scope.region}`, '', 'cn-hangzhou']) {
        yield {
          because: `the key was derived for region "${region}", the scope says "${scope.region}"`,
          claim: v4Claim({ ...evidence, scope: { ...scope, region } }),
        };
      }
      for (const date of neighboringDays(scope.date)) {
        yield {
          because: `the key was derived for ${date}, the scope says ${scope.date} (the scope's date is UTC)`,
          claim: v4Claim({ ...evidence, scope: { ...scope, date } }),
        };
      }
    },
  };
}

/**
 * Reads `<id>/<yyyymmdd>/<region>/oss/aliyun_v4_request`. The region is compared when one is configured.
 *
 * @throws OssError InvalidArgument or InvalidAccessKeyId when a part of it is not valid
 */
export function parseCredential(
  text: string,
  errors: CredentialErrors,
  { region: ownRegion }: ClaimContext,
): { accessKeyId: string; scope: V4Scope } {
  const invalid = (ec: string, message: string) => invalidArgument(errors.argument, text, message, ec);
  const [accessKeyId = '', date = '', region = '', product = '', end, ...rest] = text.split('/');
  if (accessKeyId === '' || end !== SCOPE_END || rest.length > 0) {
    throw invalid(errors.malformedEc, `The credential is not <id>/<yyyymmdd>/<region>/oss/${SCOPE_END}.`);
  }
  if (!isAccessKeyId(accessKeyId)) {
    throw new OssError('InvalidAccessKeyId', 'The AccessKeyId has illegal characters.', {
      ec: '0002-00000901',
      details: { OSSAccessKeyId: accessKeyId },
    });
  }
  if (dayStart(date) === undefined) throw invalid(errors.dateEc, 'The signing date in the credential is invalid.');
  // `oss-cn-hangzhou` is the name of an endpoint, not of a region; the service refuses it (EC page 0002-00000226).
  const isMissing = region === '' && errors.needsRegion;
  const isOther = region !== '' && ownRegion !== undefined && region !== ownRegion;
  if (region.startsWith('oss-') || isMissing || isOther) throw wrongRegion(text, region, errors, ownRegion);
  if (!PRODUCTS.includes(product)) {
    throw invalid('0002-00000227', 'Invalid signing product in Authorization header.');
  }
  return { accessKeyId, scope: { date, region, product } };
}

function wrongRegion(text: string, region: string, errors: CredentialErrors, ownRegion: string | undefined): OssError {
  const { regionEc: ec, regionMessage: message, argument } = errors;
  return new OssError('InvalidArgument', message, {
    ec,
    details: { ArgumentName: argument, ArgumentValue: text },
    reason: `the client signs for region "${region}"; the buckets are in ${ownRegion ?? 'another one'} (--region)`,
  });
}

/** @throws OssError InvalidArgument when the date of the scope is not the UTC day on which the request was signed */
export function checkScopeDate(scope: V4Scope, signedMs: number, errors: CredentialErrors): void {
  if (scope.date === isoDay(signedMs)) return;
  const message = 'The signing date in the credential is not that of the request.';
  throw invalidArgument(errors.argument, `${scope.date} (signed ${isoTime(signedMs)})`, message, errors.dateEc);
}

/**
 * First the documented form, then that of Node: ali-oss 6 keeps the `=` of an empty value that is not a sub-resource.
 */
function* canonicalRequests(message: SignedMessage, additional: ReadonlySet<string>): Generator<string> {
  const query = message.query.filter(({ name }) => name !== 'x-oss-signature');
  yield canonicalRequest(message, canonicalQuery(query), additional);
  const keepsEquals = (parameter: QueryParameter) => parameter.hasEquals && !isSubResource(parameter.name);
  if (query.some((parameter) => parameter.value === '' && keepsEquals(parameter))) {
    yield canonicalRequest(message, canonicalQuery(query, keepsEquals), additional);
  }
}

function canonicalRequest(message: SignedMessage, query: string, additional: ReadonlySet<string>): string {
  const { method, headers, resource } = message;
  return [
    method,
    percentEncodePath(resourcePath(resource)),
    query,
    headerLines(headers, (name) => isSignedByDefault(name) || additional.has(name)),
    [...additional].join(';'),
    headerText(headers, 'x-oss-content-sha256') || 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

function isSignedByDefault(name: string): boolean {
  return isOssHeader(name) || name === 'content-type' || name === 'content-md5';
}

function dayStart(date: string): number | undefined {
  return parseIsoBasic(`${date}T000000Z`);
}

function neighboringDays(date: string): readonly string[] {
  const startMs = dayStart(date);
  return startMs === undefined ? [] : [isoDay(startMs - 86_400_000), isoDay(startMs + 86_400_000)];
}
