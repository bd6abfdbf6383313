/**
 * Whether an access key may be used: it exists, is not disabled, comes with its token and has not expired. Every API asks
 * here, and answers a refusal with the code that it has for it.
 */
import type { AccessKey, KeyRing } from './signed-request.ts';

/** What a request says of the key that signed it. */
export interface ClaimedKey {
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  /** A temporary key without its token may be used (URLs of RTMP). */
  readonly needsNoToken?: boolean;
}

export type KeyRefusal =
  | 'unknown'
  | 'disabled'
  | 'expired'
  | 'token missing'
  /** The token is that of another key. */
  | 'foreign token'
  /** Nobody has this token, and the key has another one. */
  | 'wrong token'
  /** Nobody has this token, and the key has none. */
  | 'needless token';

export type KeyDecision =
  | { readonly key: AccessKey; readonly refusal?: undefined }
  | { readonly refusal: KeyRefusal; readonly reason: string };

export function findUsableKey(keys: KeyRing, claimed: ClaimedKey, nowMs: number): KeyDecision {
  const { accessKeyId } = claimed;
  const key = keys.find(accessKeyId);
  if (!key) {
    const known = [...keys.all()].map((candidate) => candidate.accessKeyId);
    return {
      refusal: 'unknown',
      reason: `unknown access key id ${accessKeyId}; known are: ${known.join(', ') || 'none'}`,
    };
  }
  if (key.disabled) return { refusal: 'disabled', reason: `${accessKeyId} is configured as disabled` };
  return checkToken(key, claimed, keys) ?? checkExpiry(key, nowMs) ?? { key };
}

function checkToken(
  { accessKeyId, securityToken }: AccessKey,
  { securityToken: token, needsNoToken = false }: ClaimedKey,
  keys: KeyRing,
): KeyDecision | undefined {
  if (token === securityToken) return undefined;
  if (token === undefined) {
    if (needsNoToken) return undefined;
    return { refusal: 'token missing', reason: `${accessKeyId} is a temporary key and needs its security token` };
  }
  const owner = keys.ofToken(token);
  if (owner) return { refusal: 'foreign token', reason: `the token belongs to ${owner.accessKeyId}` };
  return securityToken === undefined
    ? { refusal: 'needless token', reason: `${accessKeyId} is a permanent key, which has no security token` }
    : { refusal: 'wrong token', reason: `not the security token of ${accessKeyId}` };
}

function checkExpiry({ expiresMs }: AccessKey, nowMs: number): KeyDecision | undefined {
  if (expiresMs === undefined || nowMs <= expiresMs) return undefined;
  return { refusal: 'expired', reason: `the temporary key expired at ${new Date(expiresMs).toISOString()}` };
}
