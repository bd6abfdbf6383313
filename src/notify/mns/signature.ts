import { createHash, createHmac, sign, timingSafeEqual } from 'node:crypto';
import { MAX_SKEW_MS, type Present, skewOf } from '../../aliyun/auth/request-time.ts';
import { type AccessKey, accountOf, type KeyRing } from '../../aliyun/auth/signed-request.ts';
import { findUsableKey } from '../../aliyun/auth/usable-key.ts';
import { sessionAllows } from '../../aliyun/policy/session-policy.ts';
import { DEFAULT_ACCOUNT } from '../../base/account.ts';
import { MnsError } from './mns-error.ts';

/** The signed parts of a request to the emulator, or of a push to a subscriber. */
export interface SignedParts {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Source: "Request signatures" and "Sign a request that is sent to an endpoint" pages of MNS. */
export function stringToSign({ method, target, headers }: SignedParts): string {
  const mnsHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-') && headers[name] !== undefined)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const head = [method, headers['content-md5'], headers['content-type'], headers.date];
  return `${head.map((part) => part ?? '').join('\n')}\n${mnsHeaders.join('')}${target}`;
}

/** In MNS this is the Base64 of the digest's hex digits, not of its bytes. */
export function contentMd5(body: Buffer): string {
  return Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64');
}

export function hmacSignature(parts: SignedParts, accessKeySecret: string): string {
  return createHmac('sha1', accessKeySecret).update(stringToSign(parts)).digest('base64');
}

/** The Authorization header of a push, which the subscriber verifies with the certificate. */
export function rsaSignature(parts: SignedParts, privateKeyPem: string): string {
  return sign('sha1', Buffer.from(stringToSign(parts)), privateKeyPem).toString('base64');
}

/** @throws MnsError */
export function verifyRequest(parts: SignedParts, body: Buffer, keys: KeyRing, present: Present): void {
  const { headers } = parts;
  const { authorization } = headers;
  if (authorization === undefined) throw new MnsError('MissingAuthorizationHeader');
  const [, accessKeyId, signature] = /^MNS ([^:\s]+):(\S+)$/.exec(authorization) ?? [];
  if (accessKeyId === undefined || signature === undefined) throw new MnsError('InvalidAuthorizationHeader');
  const decision = findUsableKey(keys, { accessKeyId, securityToken: headers['security-token'] }, present.nowMs);
  // The pages of MNS name one code for every key that may not be used.
  if (decision.refusal !== undefined) throw new MnsError('InvalidAccessKeyId', { reason: decision.reason });
  const { key } = decision;
  checkDate(headers['x-mns-date'] ?? headers.date, present);
  if (!sameText(signature, hmacSignature(parts, key.accessKeySecret))) {
    throw new MnsError('SignatureDoesNotMatch', { reason: `to sign was ${JSON.stringify(stringToSign(parts))}` });
  }
  if (headers['content-md5'] !== undefined && headers['content-md5'] !== contentMd5(body)) {
    throw new MnsError('InvalidDegist');
  }
  if (key.readOnly && parts.method !== 'GET') {
    throw new MnsError('AccessDenied', { reason: 'the access key is read-only' });
  }
  checkAccount(key);
}

/** Topics and queues belong to the default account. A session policy has to allow all of MNS. */
function checkAccount(key: AccessKey): void {
  const account = accountOf(key);
  if (account !== DEFAULT_ACCOUNT) {
    throw new MnsError('AccessDenied', { reason: `the access key belongs to the account ${account}` });
  }
  if (sessionAllows(key, 'mns', '*')) return;
  throw new MnsError('AccessDenied', { reason: `the session policy of ${key.accessKeyId} does not allow mns:*` });
}

/** A request is valid for as long before and after its date. Source: "Request signatures" page of MNS. */
function checkDate(date: string | undefined, present: Present): void {
  if (date === undefined) throw new MnsError('MissingDateHeader');
  const dateMs = Date.parse(date);
  if (Number.isNaN(dateMs)) throw new MnsError('InvalidDateHeader');
  if (Math.abs(skewOf(dateMs, present)) > MAX_SKEW_MS) {
    throw new MnsError('TimeExpired', { reason: `the request is of ${date}` });
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
