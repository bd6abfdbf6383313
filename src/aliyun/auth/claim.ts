/**
 * The claim a signed request makes: "I hold the secret of this access key". Each scheme reads its own evidence into a
 * `Claim`; checking one (authenticate.ts) and explaining why it fails (explain.ts) are then the same for all of them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Present } from './request-time.ts';
import type { KeyRing, QueryParameter, Resource } from './signed-request.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The parts of a request that a signature covers. */
export interface SignedMessage {
  readonly method: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly query: readonly QueryParameter[];
  readonly resource: Resource;
}

/** Where a request can carry a claim. */
export type Evidence = Pick<SignedMessage, 'headers' | 'query'>;

export interface ComputedSignature {
  readonly signature: string;
  readonly stringToSign: string;
  /** V4 only: what the string to sign is a digest of. */
  readonly canonicalRequest?: string;
}

/** What the client may have done differently. Fields that are absent stay as they are. */
export interface Slip {
  readonly because: string;
  readonly claim?: Claim;
  readonly message?: SignedMessage;
  readonly secret?: string;
}

export interface Claim {
  readonly accessKeyId: string;
  /** The signature as the client gave it. */
  readonly signature: string;
  /** V1 and V2 URLs, RTMP: until when it is valid, in seconds since the epoch. */
  readonly expiresSec?: number;
  /** The service's error code for a signature of this scheme that does not fit. */
  readonly mismatchEc: string;
  /** The signatures that a holder of `secret` may have made of this message: first in the documented form, then in the
   *  forms that single clients are known to use. */
  compute(message: SignedMessage, secret: string): Iterable<ComputedSignature>;
  /**
   * Called for a message that fits, by schemes whose string to sign does not tell all messages apart.
   * @throws OssError when another message has the same string
   */
  checkFit?(message: SignedMessage): void;
  /** Mistakes that are possible in this scheme only. */
  slips(message: SignedMessage): Iterable<Slip>;
}

/** What a scheme may use besides the request. */
export interface ClaimContext extends Present {
  readonly keys: KeyRing;
  readonly region?: string | undefined;
  readonly signingKeys?: SigningKeys;
}

export function hmacBase64(algorithm: 'sha1' | 'sha256', secret: string, text: string): string {
  return createHmac(algorithm, secret).update(text).digest('base64');
}

/** Compares as text, because base64 has spare bits: two texts can decode to the same bytes. */
export function sameSignature(given: string, computed: string): boolean {
  const givenBytes = Buffer.from(given);
  const computedBytes = Buffer.from(computed);
  return givenBytes.length === computedBytes.length && timingSafeEqual(givenBytes, computedBytes);
}

/** The form that fits, if any does. */
export function findFit(claim: Claim, message: SignedMessage, secret: string): ComputedSignature | undefined {
  for (const computed of claim.compute(message, secret)) {
    if (sameSignature(claim.signature, computed.signature)) return computed;
  }
  return undefined;
}
