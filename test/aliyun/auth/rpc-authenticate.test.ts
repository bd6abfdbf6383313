import { describe, expect, it } from 'vitest';
import { fitsAuthKey, parseAuthKey, signAuthKey } from '../../../src/aliyun/auth/auth-key.ts';
import { authenticateRpc } from '../../../src/aliyun/auth/rpc-authenticate.ts';
import { type RpcRequest, readRpcRequest } from '../../../src/aliyun/auth/rpc-request.ts';
import { parseRpcTime } from '../../../src/aliyun/auth/rpc-time.ts';
import type { AccessKey } from '../../../src/aliyun/auth/signed-request.ts';
import { createKeyRing } from '../../../src/aliyun/credentials.ts';
import { RpcError } from '../../../src/aliyun/rpc-error.ts';
import { RPC_VECTORS, type RpcVector } from './rpc-vectors.ts';

const { accessKeyId, accessKeySecret, securityToken } = RPC_VECTORS.credentials;
const NOW_MS = RPC_VECTORS.clock.unix * 1000;

/** The request as it arrives. Vectors that no client made have parameters instead of a request. */
function requestOf({ request, method = 'GET', params = {}, expected }: RpcVector): RpcRequest {
  if (!request) {
    const rawQuery = new URLSearchParams({ ...params, Signature: expected.signature }).toString();
    return readRpcRequest(method, rawQuery, new Map(), Buffer.alloc(0));
  }
  const mark = request.target.indexOf('?');
  const rawQuery = mark < 0 ? '' : request.target.slice(mark + 1);
  return readRpcRequest(request.method, rawQuery, new Map(Object.entries(request.headers)), Buffer.from(request.body));
}

/** The key a vector was signed with; with the token, if it has one. */
function keyOf(vector: RpcVector, request: RpcRequest): AccessKey {
  const token = request.parameters.get('SecurityToken') || request.headers.get('x-acs-security-token');
  const claimed = request.parameters.get('AccessKeyId');
  return {
    accessKeyId: vector.accessKeyId ?? claimed ?? accessKeyId,
    accessKeySecret: vector.accessKeySecret ?? accessKeySecret,
    ...(token ? { securityToken: token } : {}),
  };
}

function timeOf(request: RpcRequest): number {
  return parseRpcTime(request.parameters.get('Timestamp') ?? request.headers.get('x-acs-date') ?? '') ?? NOW_MS;
}

const VECTORS = [...RPC_VECTORS.rpc, ...RPC_VECTORS.acs3].map((vector, index) => {
  const name = `${index + 1}: ${vector.scheme}, ${vector.client ?? 'computed'}, ${vector.note}`;
  return [name, vector] as const;
});

describe('a signed call', () => {
  it.each(VECTORS)('verifies %s', (_, vector) => {
    const request = requestOf(vector);
    const key = keyOf(vector, request);
    const verified = authenticateRpc(request, { nowMs: timeOf(request), keys: createKeyRing([key]) });
    expect(verified.key).toEqual(key);
  });

  it.each(VECTORS)('shows the string to sign when the secret differs, %s', (_, vector) => {
    const request = requestOf(vector);
    const key = { ...keyOf(vector, request), accessKeySecret: 'another secret' };
    const refused = refusal(() => authenticateRpc(request, { nowMs: timeOf(request), keys: createKeyRing([key]) }));
    expect(refused).toMatchObject({ code: 'SignatureDoesNotMatch', status: 400 });
    expect(refused.message).toBe(
      `Specified signature is not matched with our calculation. server string to sign is:${vector.expected.stringToSign}`,
    );
  });
});

describe('ACS3', () => {
  const signed = RPC_VECTORS.acs3[0];
  if (!signed?.request) throw new Error('the fixture has no ACS3 vector');
  const { request } = signed;
  const keys = createKeyRing([{ accessKeyId, accessKeySecret }]);
  const withHeader = (name: string, value: string) =>
    requestOf({ ...signed, request: { ...request, headers: { ...request.headers, [name]: value } } });
  const authorization = request.headers.authorization ?? '';

  it.each([
    ['another algorithm', authorization.replace('HMAC-SHA256', 'RSA-SHA256'), 'InvalidSignatureMethod'],
    ['no signed host', authorization.replace('host;', ''), 'IncompleteSignature'],
    ['no credential', authorization.replace('Credential', 'Who'), 'IncompleteSignature'],
    ['a key nobody has', authorization.replace(accessKeyId, 'nobody'), 'InvalidAccessKeyId.NotFound'],
  ])('refuses %s', (_, value, code) => {
    const refused = refusal(() => authenticateRpc(withHeader('authorization', value), { nowMs: NOW_MS, keys }));
    expect(refused.code).toBe(code);
  });

  it.each([
    ['x-acs-date', 'MissingTimestamp'],
    ['x-acs-signature-nonce', 'MissingSignatureNonce'],
  ])('misses %s by the name of its parameter', (name, code) => {
    expect(refusal(() => authenticateRpc(withHeader(name, ''), { nowMs: NOW_MS, keys })).code).toBe(code);
  });

  it('notices a body that was changed after it was hashed', () => {
    const changed = requestOf({ ...signed, request: { ...request, body: '{"x":2}' } });
    expect(refusal(() => authenticateRpc(changed, { nowMs: NOW_MS, keys })).code).toBe('SignatureDoesNotMatch');
  });
});

describe('auth_key', () => {
  it.each(RPC_VECTORS.authKey.map((vector) => [vector.note, vector] as const))('fits %s', (_, vector) => {
    const { path, timestamp, rand, uid, key, authKey } = vector;
    expect(signAuthKey(path, timestamp, rand, uid, key)).toBe(authKey);
    const parsed = parseAuthKey(authKey);
    expect(parsed).toMatchObject({ timestampSec: timestamp, rand, uid });
    if (!parsed) return;
    expect(fitsAuthKey(parsed, path, ['the secondary key', key])).toBe(true);
    expect(fitsAuthKey(parsed, path, ['the secondary key'])).toBe(false);
    expect(fitsAuthKey(parsed, `${path}.flv`, [key])).toBe(false);
  });

  it.each(['', '1704070800', '1704070800-0-0', '1704070800-0-0-zz', 'x-0-0-0c93cb6220fafba2736bde0d7f585c09'])(
    'has four parts, not %j',
    (text) => {
      expect(parseAuthKey(text)).toBeUndefined();
    },
  );
});

describe('a time', () => {
  it.each([
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['2023-02-29T00:00:00Z', undefined],
    ['2024-01-01T24:00:00Z', undefined],
    ['2024-01-01 00:00:00', undefined],
    ['2024-01-01T00:00:00.000Z', undefined],
  ])('%s', (text, ms) => {
    expect(parseRpcTime(text)).toBe(ms);
  });
});

describe('a security token', () => {
  const temporary = RPC_VECTORS.rpc.find((vector) => vector.request?.target.includes('SecurityToken='));
  if (!temporary) throw new Error('the fixture has no vector with a token');
  const request = requestOf(temporary);
  const key = { accessKeyId, accessKeySecret, securityToken };
  const verify = (...all: readonly AccessKey[]) =>
    refusal(() => authenticateRpc(request, { nowMs: NOW_MS, keys: createKeyRing(all) })).code;

  it('must belong to the key, be known, and be valid', () => {
    const permanent = { accessKeyId, accessKeySecret };
    const other = { accessKeyId: 'other', accessKeySecret: 'x', securityToken };
    expect(verify({ ...key, securityToken: 'of another session' })).toBe('InvalidSecurityToken.MismatchWithAccessKey');
    expect(verify(permanent, other)).toBe('InvalidSecurityToken.MismatchWithAccessKey');
    expect(verify(permanent)).toBe('InvalidSecurityToken.Malformed');
    expect(verify({ ...key, expiresMs: NOW_MS - 1 })).toBe('InvalidSecurityToken.Expired');
  });

  it('is missed on a temporary key', () => {
    const unsigned = RPC_VECTORS.rpc[0];
    if (!unsigned) throw new Error('the fixture has no vector');
    const refused = refusal(() => authenticateRpc(requestOf(unsigned), { nowMs: NOW_MS, keys: createKeyRing([key]) }));
    expect(refused).toMatchObject({ code: 'MissingSecurityToken', status: 400 });
  });
});

function refusal(call: () => unknown): RpcError {
  try {
    call();
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
