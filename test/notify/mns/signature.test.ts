import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AccessKey, KeyRing } from '../../../src/aliyun/auth/signed-request.ts';
import { createKeyRing } from '../../../src/aliyun/credentials.ts';
import { MnsError } from '../../../src/notify/mns/mns-error.ts';
import { type SignedParts, stringToSign, verifyRequest } from '../../../src/notify/mns/signature.ts';

interface Vectors {
  readonly credentials: AccessKey;
  readonly requests: readonly {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly stringToSign: string;
  }[];
}

const { credentials, requests }: Vectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/mns-signing-vectors.json', import.meta.url), 'utf8'),
);
const NOW_MS = Date.UTC(2024, 0, 1);

function ring(key: AccessKey): KeyRing {
  return createKeyRing([key]);
}

interface Change {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly method?: string;
  readonly target?: string;
  readonly body?: string;
  readonly nowMs?: number;
  readonly key?: Partial<AccessKey>;
  /** Signs the changed request with the right secret. */
  readonly signAgain?: boolean;
}

/** The code a recorded request is refused with after a change; undefined when it is accepted. */
function codeOf(index: number, change: Change = {}): string | undefined {
  const recorded = requests[index];
  if (!recorded) throw new Error(`there is no request ${index}`);
  const parts: SignedParts = {
    method: change.method ?? recorded.method,
    target: change.target ?? recorded.target,
    headers: { ...recorded.headers, ...change.headers },
  };
  const signature = createHmac('sha1', credentials.accessKeySecret).update(stringToSign(parts)).digest('base64');
  const authorization = `MNS ${credentials.accessKeyId}:${signature}`;
  const signed = change.signAgain ? { ...parts, headers: { ...parts.headers, authorization } } : parts;
  try {
    const body = Buffer.from(change.body ?? recorded.body);
    verifyRequest(signed, body, ring({ ...credentials, ...change.key }), { nowMs: change.nowMs ?? NOW_MS });
    return undefined;
  } catch (error) {
    if (error instanceof MnsError) return error.code;
    throw error;
  }
}

describe('recorded requests of @alicloud/mns', () => {
  it.each(requests.map((request, index) => [request.method, request.target, index] as const))(
    '%s %s',
    (_method, _target, index) => {
      const request = requests[index];
      expect(request && stringToSign(request)).toBe(request?.stringToSign);
      expect(codeOf(index)).toBeUndefined();
      expect(codeOf(index, { method: 'HEAD' })).toBe('SignatureDoesNotMatch');
      expect(codeOf(index, { target: `${request?.target}x` })).toBe('SignatureDoesNotMatch');
      expect(codeOf(index, { headers: { 'x-mns-more': '1' } })).toBe('SignatureDoesNotMatch');
      expect(codeOf(index, { key: { accessKeySecret: 'other' } })).toBe('SignatureDoesNotMatch');
    },
  );
});

describe('verifyRequest', () => {
  it.each<[string, Change]>([
    ['MissingAuthorizationHeader', { headers: { authorization: undefined } }],
    ['InvalidAuthorizationHeader', { headers: { authorization: 'MNS nothing' } }],
    ['InvalidAccessKeyId', { key: { accessKeyId: 'another' } }],
    ['InvalidAccessKeyId', { key: { disabled: true } }],
    ['InvalidAccessKeyId', { key: { disabled: true, securityToken: 't' }, headers: { 'security-token': 't' } }],
    ['InvalidAccessKeyId', { headers: { 'security-token': 'uncalled-for' } }],
    ['InvalidAccessKeyId', { key: { securityToken: 'token' } }],
    ['InvalidAccessKeyId', { key: { securityToken: 't', expiresMs: NOW_MS - 1 }, headers: { 'security-token': 't' } }],
    ['MissingDateHeader', { headers: { date: undefined, 'x-mns-date': undefined }, signAgain: true }],
    ['InvalidDateHeader', { headers: { 'x-mns-date': 'yesterday' }, signAgain: true }],
    ['TimeExpired', { nowMs: NOW_MS + 15 * 60_000 + 1 }],
    ['TimeExpired', { nowMs: NOW_MS - 15 * 60_000 - 1 }],
    ['InvalidDegist', { body: 'another body' }],
    ['AccessDenied', { key: { readOnly: true } }],
    ['AccessDenied', { key: { uid: '2222222222222222' } }],
  ])('refuses with %s: %j', (code, change) => {
    expect(codeOf(0, change)).toBe(code);
  });

  it('accepts a temporary key with its token, and a read-only key that reads', () => {
    const key = { securityToken: 't', expiresMs: NOW_MS, readOnly: true };
    expect(codeOf(3, { key, headers: { 'security-token': 't' } })).toBeUndefined();
  });
});
