/**
 * What authentication needs to know of a request, and of the keys it may be signed with.
 */
import { DEFAULT_ACCOUNT } from '../../base/account.ts';
import { OssError } from '../../base/errors.ts';
import type { Policy } from '../policy/policy.ts';

/** A request as it arrived. Nothing in it is decoded, because some clients sign the encoded form. */
export interface ReceivedRequest {
  /** Upper-case. */
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly rawPath: string;
  /** Still percent-encoded, without `?`; empty when there is none. */
  readonly rawQuery: string;
  /** By lower-case name, as Node gives them (one character per byte); repeated headers joined by `,`. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What a request refers to, decoded. An empty key means the bucket itself; both empty mean the service. */
export interface Resource {
  readonly bucket: string;
  readonly key: string;
}

/**
 * A key pair that may sign. With `securityToken` it is a temporary one of STS and is valid only together with its
 * token.
 */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The account that the key belongs to; the default account when absent. */
  readonly uid?: string;
  readonly securityToken?: string;
  /** When a temporary key expires, in milliseconds since the epoch. */
  readonly expiresMs?: number;
  readonly readOnly?: boolean;
  /** It exists, but is refused. */
  readonly disabled?: boolean;
  /** Of a key that STS issued. */
  readonly session?: RoleSession;
}

/** What a temporary key of STS may do, and for whom. */
export interface RoleSession {
  readonly roleName: string;
  readonly sessionName: string;
  /** It may do what its account may and this policy allows; without a policy, all that its account may. */
  readonly policy?: Policy;
}

export interface KeyRing {
  find(accessKeyId: string): AccessKey | undefined;
  /** The keys of the configuration: without those that STS issued, of which there may be thousands. */
  all(): Iterable<AccessKey>;
  /** The temporary key that the token belongs to. */
  ofToken(securityToken: string): AccessKey | undefined;
}

export function accountOf({ uid }: AccessKey): string {
  return uid ?? DEFAULT_ACCOUNT;
}

/** How policies name the key: its account, and of an assumed role its ARN ("Bucket Policy" page, principals). */
export function identitiesOf(key: AccessKey): readonly string[] {
  const account = accountOf(key);
  if (!key.session) return [account];
  const { roleName, sessionName } = key.session;
  return [account, `arn:sts::${account}:assumed-role/${roleName}/${sessionName}`];
}

/** One `name=value` of a query, decoded. `hasEquals` distinguishes `live=` from `live`. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
  readonly hasEquals: boolean;
}

/**
 * Splits and decodes a query, in its order. `+` is a space (Python sends spaces so; a plus is always `%2B`).
 *
 * @throws OssError InvalidArgument when it is not percent-encoded UTF-8
 */
export function parseQuery(rawQuery: string): readonly QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (const piece of rawQuery.split('&')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const hasEquals = equals >= 0;
    parameters.push({
      name: decodeQueryText(hasEquals ? piece.slice(0, equals) : piece),
      value: hasEquals ? decodeQueryText(piece.slice(equals + 1)) : '',
      hasEquals,
    });
  }
  return parameters;
}

/** The value of the first parameter of that name: the first of repeated parameters counts. */
export function queryValue(query: readonly QueryParameter[], name: string): string | undefined {
  return query.find((parameter) => parameter.name === name)?.value;
}

function decodeQueryText(text: string): string {
  // Most names and values have nothing to decode.
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new OssError('InvalidArgument', 'The query string is not percent-encoded UTF-8.', {
      details: { ArgumentName: 'query', ArgumentValue: text },
      reason: 'a percent sign without two hex digits, or escapes that are not UTF-8, in the query',
    });
  }
}
