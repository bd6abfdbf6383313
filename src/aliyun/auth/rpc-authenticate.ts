/**
 * Finds who signed an RPC request. The order of the checks is not fully published. Here it is: missing parameters,
 * algorithm, form, time, key, token, signature.
 */
import { cutText } from '../../base/cut-text.ts';
import { RpcError, type RpcErrorCode } from '../rpc-error.ts';
import {
  type Acs3Claim,
  acs3CanonicalRequest,
  acs3Signature,
  acs3StringToSign,
  parseAcs3Authorization,
  unsignedHeaders,
} from './acs3-header.ts';
import { headerText } from './canonical.ts';
import { sameSignature } from './claim.ts';
import { MAX_SKEW_MS, type Present, skewOf } from './request-time.ts';
import { rpcSignature, rpcStringToSign } from './rpc-query.ts';
import { isAcs3, type RpcRequest } from './rpc-request.ts';
import { formatRpcTime, parseRpcTime } from './rpc-time.ts';
import type { AccessKey, KeyRing } from './signed-request.ts';
import { findUsableKey, type KeyRefusal } from './usable-key.ts';

/** Of the string to sign: a call may have a megabyte of parameters. */
const MAX_SHOWN_CHARS = 64 * 1024;

export interface RpcAuthentication {
  readonly key: AccessKey;
  /** May be used once. */
  readonly nonce: string;
}

export interface RpcAuthenticateOptions extends Present {
  readonly keys: KeyRing;
}

/** What a request of either scheme claims. */
interface RpcClaim {
  readonly accessKeyId: string;
  readonly nonce: string;
  readonly time: string;
  readonly securityToken: string;
  readonly signature: string;
  compute(secret: string): { readonly signature: string; readonly stringToSign: string };
}

const KEY_ERRORS = {
  unknown: 'InvalidAccessKeyId.NotFound',
  disabled: 'InvalidAccessKeyId.Inactive',
  expired: 'InvalidSecurityToken.Expired',
  'token missing': 'MissingSecurityToken',
  'foreign token': 'InvalidSecurityToken.MismatchWithAccessKey',
  'wrong token': 'InvalidSecurityToken.MismatchWithAccessKey',
  'needless token': 'InvalidSecurityToken.Malformed',
} as const satisfies Record<KeyRefusal, RpcErrorCode>;

/** @throws RpcError when a common parameter is missing or not valid, or the signature does not fit */
export function authenticateRpc(request: RpcRequest, options: RpcAuthenticateOptions): RpcAuthentication {
  const { keys, nowMs } = options;
  const claim = isAcs3(request) ? readAcs3Claim(request) : readQueryClaim(request);
  checkTime(claim.time, options);
  const key = findKey(claim, keys, nowMs);
  const { signature, stringToSign } = claim.compute(key.accessKeySecret);
  if (!sameSignature(claim.signature, signature)) throw mismatch(stringToSign, key);
  return { key, nonce: claim.nonce };
}

function readQueryClaim(request: RpcRequest): RpcClaim {
  const { parameters } = request;
  const required = (name: string) => {
    const value = parameters.get(name);
    if (value) return value;
    throw new RpcError(`Missing${name}`, { reason: `neither query nor form has a ${name}` });
  };
  const accessKeyId = required('AccessKeyId');
  // A plus that the client did not encode arrives as a blank. Base64 has no blanks.
  const signature = required('Signature').replaceAll(' ', '+');
  const method = required('SignatureMethod');
  const version = required('SignatureVersion');
  const nonce = required('SignatureNonce');
  const time = required('Timestamp');
  const type = parameters.get('SignatureType') ?? '';
  if (method !== 'HMAC-SHA1' || type !== '') {
    throw new RpcError('InvalidSignatureMethod', {
      reason: `SignatureMethod "${method}", SignatureType "${type}"; served are HMAC-SHA1 without a type, and ACS3-HMAC-SHA256`,
    });
  }
  if (version !== '1.0') throw new RpcError('InvalidSignatureVersion', { reason: `"${version}"; served is 1.0` });
  const securityToken = parameters.get('SecurityToken') ?? '';
  return {
    accessKeyId,
    nonce,
    time,
    securityToken,
    signature,
    compute(secret) {
      const stringToSign = rpcStringToSign(request.method, [...request.query, ...request.form]);
      return { stringToSign, signature: rpcSignature(stringToSign, secret) };
    },
  };
}

function readAcs3Claim(request: RpcRequest): RpcClaim {
  const { headers } = request;
  const required = (name: string, parameter: string) => {
    const value = headers.get(name);
    if (value) return value;
    throw new RpcError(`Missing${parameter}`, { reason: `there is no header ${name}` });
  };
  const nonce = required('x-acs-signature-nonce', 'SignatureNonce');
  const time = required('x-acs-date', 'Timestamp');
  const claim = parseAuthorization(headerText(headers, 'authorization'));
  const unsigned = unsignedHeaders(claim, headers);
  if (unsigned.length > 0) {
    throw new RpcError('IncompleteSignature', { reason: `SignedHeaders lacks ${unsigned.join(', ')}` });
  }
  return {
    nonce,
    time,
    accessKeyId: claim.accessKeyId,
    signature: claim.signature,
    securityToken: headers.get('x-acs-security-token') ?? '',
    compute(secret) {
      const stringToSign = acs3StringToSign(acs3CanonicalRequest(request, claim.signedHeaders));
      return { stringToSign, signature: acs3Signature(stringToSign, secret) };
    },
  };
}

function parseAuthorization(authorization: string): Acs3Claim {
  if (!/^ACS3-HMAC-SHA256\b/.test(authorization)) {
    throw new RpcError('InvalidSignatureMethod', { reason: 'Authorization does not begin with ACS3-HMAC-SHA256' });
  }
  const claim = parseAcs3Authorization(authorization);
  if (claim) return claim;
  throw new RpcError('IncompleteSignature', {
    reason:
      'Authorization must be "ACS3-HMAC-SHA256 Credential=<key id>,SignedHeaders=<a;b>,Signature=<64 hex digits>"',
  });
}

function checkTime(text: string, present: Present): void {
  // The STS client of ali-oss sends milliseconds.
  const requestMs = parseRpcTime(text.replace(/\.\d{1,3}Z$/, 'Z'));
  if (requestMs === undefined) {
    throw new RpcError('InvalidTimeStamp.Format', { reason: `"${text}" is no time such as 2024-12-31T23:45:00Z` });
  }
  const aheadMs = skewOf(requestMs, present);
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return;
  throw new RpcError('InvalidTimeStamp.Expired', {
    reason: `${text} is ${Math.abs(Math.round(aheadMs / 1000))} s ${aheadMs < 0 ? 'behind' : 'ahead of'} our clock; it is ${formatRpcTime(present.nowMs)}`,
  });
}

function findKey({ accessKeyId, securityToken }: RpcClaim, keys: KeyRing, nowMs: number): AccessKey {
  const claimed = { accessKeyId, securityToken: securityToken === '' ? undefined : securityToken };
  const decision = findUsableKey(keys, claimed, nowMs);
  if (decision.refusal === undefined) return decision.key;
  throw new RpcError(KEY_ERRORS[decision.refusal], { reason: decision.reason });
}

/** The Go SDK compares the text after the colon with its own string; when they are equal, it reports a wrong secret. */
function mismatch(stringToSign: string, { accessKeyId }: AccessKey): RpcError {
  const { message } = new RpcError('SignatureDoesNotMatch');
  const expected = cutText(stringToSign, MAX_SHOWN_CHARS);
  return new RpcError('SignatureDoesNotMatch', {
    message: `${message}${expected}`,
    reason: `compare the string to sign of your client with ours; if they are equal, the secret of ${accessKeyId} differs. Ours: ${expected}`,
  });
}
