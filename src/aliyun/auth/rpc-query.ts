/**
 * RPC signatures, version 1.0: HMAC-SHA1 over the sorted parameters of query and form body together.
 * Source: "Request syntax and signature method V2 for RPC APIs" page of Alibaba Cloud SDK.
 */
import { compareText, percentEncode } from './canonical.ts';
import { hmacBase64 } from './claim.ts';

export interface RpcParameter {
  readonly name: string;
  readonly value: string;
}

/** More than any operation takes. A call with more is refused, and of those no more than this and one are read. */
export const MAX_RPC_PARAMETERS = 1_000;

/** Splits and decodes a query or form body. `+` is a space; an invalid escape is kept as it is. */
export function parseRpcParameters(raw: string): readonly RpcParameter[] {
  return [...new URLSearchParams(beginning(raw))].map(([name, value]) => ({ name, value }));
}

function beginning(raw: string): string {
  let end = -1;
  for (let count = 0; count <= MAX_RPC_PARAMETERS; count++) {
    end = raw.indexOf('&', end + 1);
    if (end < 0) return raw;
  }
  return raw.slice(0, end);
}

/** All parameters but `Signature`, each pair as it was sent; empty values stay. */
export function rpcStringToSign(method: string, parameters: readonly RpcParameter[]): string {
  const canonical = parameters
    .filter(({ name }) => name !== 'Signature')
    .toSorted((a, b) => compareText(a.name, b.name))
    .map(({ name, value }) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
  return `${method}&%2F&${percentEncode(canonical)}`;
}

/** The key is the secret followed by an ampersand. */
export function rpcSignature(stringToSign: string, secret: string): string {
  return hmacBase64('sha1', `${secret}&`, stringToSign);
}
