/**
 * Finds who signed a request. Every scheme is checked in the same order: format, date or expiry, access key, security
 * token, signature. (For V1 URLs the documentation says that expiry comes before the signature; the rest follows it.)
 */
import { invalidArgument, OssError } from '../../base/errors.ts';
import { findAccessKey, readSecurityToken } from './access-keys.ts';
import { headerText } from './canonical.ts';
import { type Claim, type ClaimContext, type Evidence, findFit } from './claim.ts';
import { mismatch } from './explain.ts';
import type { Present } from './request-time.ts';
import {
  type AccessKey,
  type KeyRing,
  parseQuery,
  type QueryParameter,
  queryValue,
  type ReceivedRequest,
  type Resource,
} from './signed-request.ts';
import type { SigningKeys } from './signing-keys.ts';
import { readV1Header } from './v1-header.ts';
import { hasV1Query, readV1Query } from './v1-query.ts';
import { readV2Header } from './v2-header.ts';
import { readV2Query } from './v2-query.ts';
import { V4_ALGORITHM } from './v4.ts';
import { readV4Header } from './v4-header.ts';
import { readV4Query } from './v4-query.ts';

export type SignatureScheme = 'v1-header' | 'v1-query' | 'v2-header' | 'v2-query' | 'v4-header' | 'v4-query';

/** Of a form, see authenticate-form.ts. */
export type FormScheme = 'v1-form' | 'v2-form' | 'v4-form';

export type Authentication =
  | { readonly scheme: 'anonymous'; readonly resource: Resource }
  /** Not checked; acts as the owner. */
  | { readonly scheme: 'unchecked'; readonly key: AccessKey; readonly resource: Resource }
  | {
      readonly scheme: SignatureScheme | FormScheme;
      readonly key: AccessKey;
      readonly resource: Resource;
      /** V1 and V2 URLs: until when the URL is valid, in seconds since the epoch. */
      readonly expiresSec?: number;
    };

export interface AuthenticateOptions extends Present {
  readonly keys: KeyRing;
  /**
   * The region that V4 credential scopes must name, e.g. `cn-hangzhou`; without it any region is accepted. In headers an
   * empty one is accepted too, because the Go SDK signs it when none is configured.
   */
  readonly region?: string | undefined;
  /** Shared between requests, so that the keys of V4 signatures are not derived again for each. */
  readonly signingKeys?: SigningKeys;
}

/**
 * Finds who signed a request. `candidates` are the possible readings of its address, best first, at least one; the
 * first whose signature fits is used (for an anonymous request: the first).
 *
 * @throws OssError when the signature, its form, its time, its key or its token is not valid
 */
export function authenticate(
  request: ReceivedRequest,
  candidates: readonly Resource[],
  options: AuthenticateOptions,
): Authentication {
  const [best] = candidates;
  if (!best) throw new RangeError('a request has at least one reading of its address');
  const { method, headers } = request;
  const query = parseQuery(request.rawQuery);
  const scheme = detectScheme({ headers, query });
  if (scheme === 'anonymous') return { scheme, resource: best };

  const claim = READERS[scheme]({ headers, query }, options);
  const { accessKeyId } = claim;
  const securityToken = readSecurityToken({ headers, query });
  const key = findAccessKey(options.keys, { accessKeyId, securityToken }, options.nowMs);

  for (const resource of candidates) {
    const message = { method, headers, query, resource };
    if (!findFit(claim, message, key.accessKeySecret)) continue;
    claim.checkFit?.(message);
    const { expiresSec } = claim;
    return { scheme, key, resource, ...(expiresSec === undefined ? {} : { expiresSec }) };
  }
  throw mismatch(claim, { method, headers, query, resource: best }, key, options.keys);
}

const READERS: Readonly<Record<SignatureScheme, (evidence: Evidence, context: ClaimContext) => Claim>> = {
  'v1-header': readV1Header,
  'v1-query': readV1Query,
  'v2-header': readV2Header,
  'v2-query': readV2Query,
  'v4-header': readV4Header,
  'v4-query': readV4Query,
};

function detectScheme({ headers, query }: Evidence): SignatureScheme | 'anonymous' {
  const inQuery = detectQueryScheme(query);
  if (!headers.has('authorization')) return inQuery ?? 'anonymous';
  const authorization = headerText(headers, 'authorization');
  if (inQuery !== undefined) {
    throw new OssError('InvalidArgument', 'Only one of the Authorization header and a signed URL may be used.', {
      details: { ArgumentName: 'Authorization', ArgumentValue: authorization },
      reason: 'both an Authorization header and a signature in the URL',
    });
  }
  if (authorization.startsWith(V4_ALGORITHM)) return 'v4-header';
  if (authorization.startsWith('OSS2')) return 'v2-header';
  if (authorization.startsWith('OSS')) return 'v1-header';
  throw invalidArgument('Authorization', authorization, 'Unsupported Authorization Type', '0002-00000002');
}

function detectQueryScheme(query: readonly QueryParameter[]): SignatureScheme | undefined {
  const version = queryValue(query, 'x-oss-signature-version');
  if (version === V4_ALGORITHM) return 'v4-query';
  if (version === 'OSS2') return 'v2-query';
  if (version !== undefined || queryValue(query, 'x-oss-signature') !== undefined) {
    throw invalidArgument('x-oss-signature-version', version ?? '', 'Unsupported Authorization Type', '0002-00000002');
  }
  return hasV1Query(query) ? 'v1-query' : undefined;
}
