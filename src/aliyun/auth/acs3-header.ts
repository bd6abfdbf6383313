/**
 * The `ACS3-HMAC-SHA256` signature in the Authorization header, which every SDK generated since 2021 sends.
 * Source: "Request syntax and signature method V3" page of Alibaba Cloud SDK.
 */
import { createHash, createHmac } from 'node:crypto';
import { compareText, headerText, percentEncode } from './canonical.ts';
import type { RpcParameter } from './rpc-query.ts';

const ACS3_ALGORITHM = 'ACS3-HMAC-SHA256';

/** Besides these, `content-type` and every other `x-acs-` header must be signed if they are present. */
const ALWAYS_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-content-sha256',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-version',
];

export interface Acs3Claim {
  readonly accessKeyId: string;
  /** Lower case, in the order of the header. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** The parts of a request that are signed. */
export interface Acs3Message {
  readonly method: string;
  readonly query: readonly RpcParameter[];
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Undefined when it is not `Credential=…,SignedHeaders=…,Signature=…` after the algorithm. */
export function parseAcs3Authorization(authorization: string): Acs3Claim | undefined {
  const match = /^ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(
    authorization.trim(),
  );
  if (!match) return undefined;
  const [, accessKeyId = '', names = '', signature = ''] = match;
  return { accessKeyId, signedHeaders: [...new Set(names.toLowerCase().split(';'))], signature };
}

/** The headers that must be signed and are not. */
export function unsignedHeaders({ signedHeaders }: Acs3Claim, headers: ReadonlyMap<string, string>): readonly string[] {
  const present = [...headers.keys()].filter((name) => name === 'content-type' || name.startsWith('x-acs-'));
  const signed = new Set(signedHeaders);
  return [...new Set([...ALWAYS_SIGNED, ...present])].filter((name) => !signed.has(name));
}

export function acs3CanonicalRequest({ method, query, headers, body }: Acs3Message, signed: readonly string[]): string {
  const canonicalQuery = query
    .map(({ name, value }) => `${percentEncode(name)}=${percentEncode(value)}`)
    .toSorted(compareText)
    .join('&');
  const lines = signed.map((name) => `${name}:${headerText(headers, name).trim()}\n`);
  return [method, '/', canonicalQuery, lines.join(''), signed.join(';'), sha256(body)].join('\n');
}

export function acs3StringToSign(canonicalRequest: string): string {
  return `${ACS3_ALGORITHM}\n${sha256(canonicalRequest)}`;
}

export function acs3Signature(stringToSign: string, secret: string): string {
  return createHmac('sha256', secret).update(stringToSign).digest('hex');
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
