import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Authentication, authenticate } from '../../../src/aliyun/auth/authenticate.ts';
import { hmacBase64 } from '../../../src/aliyun/auth/claim.ts';
import type { AccessKey, Resource } from '../../../src/aliyun/auth/signed-request.ts';
import { OssError } from '../../../src/base/errors.ts';
import { refused } from './refused.ts';
import { keyRing, receivedRequest } from './vectors.ts';

const DATE = 'Tue, 31 Dec 2024 23:45:00 GMT';
const SIGNED_MS = Date.parse(DATE);
const AK: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const CHANNEL: Resource = { bucket: 'examplebucket', key: 'test-channel' };
const BUCKET: Resource = { bucket: 'examplebucket', key: '' };
const PLAYLIST: Resource = { bucket: 'examplebucket', key: 'test-channel/playlist.m3u8' };

interface Call {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource: Resource;
  readonly key?: AccessKey;
  readonly otherKeys?: readonly AccessKey[];
  readonly nowMs?: number;
  readonly region?: string;
  readonly realMs?: number;
}

function check(call: Call): Authentication {
  const {
    method = 'GET',
    target,
    headers = {},
    resource,
    key = AK,
    otherKeys = [],
    nowMs = SIGNED_MS,
    region,
    realMs,
  } = call;
  const keys = keyRing(key, ...otherKeys);
  const options = { nowMs, realMs, keys, ...(region === undefined ? {} : { region }) };
  return authenticate(receivedRequest(method, target, headers), [resource], options);
}

function refusal(call: Call): OssError {
  return refused(() => check(call));
}

describe('V1 header, worked examples', () => {
  it.each([
    ['PUT', '/test-channel?live&status=disabled', CHANNEL, {}, 'FV6Q8GgIiQxhs3GL0wsP9eV4/5I='],
    [
      'POST',
      '/test-channel/vod.m3u8?vod&startTime=1735688400&endTime=1735688800',
      { bucket: 'examplebucket', key: 'test-channel/vod.m3u8' },
      {},
      'CBfoD2mc9c68rnOcZFmpRUK+z90=',
    ],
    ['GET', '/?live&max-keys=3&prefix=a', BUCKET, {}, 'Y1/0DLDQmIsKsgdkx+ONS2HzJms='],
    [
      'PUT',
      '/test-channel?live=',
      CHANNEL,
      { 'Content-Type': 'application/xml', 'x-oss-date': DATE },
      'EZdXXalCpIrZ25VljL8hgx+08eQ=',
    ],
  ])('%s %s', (method, target, resource, headers, signature) => {
    const signed = { Date: DATE, ...headers, Authorization: `OSS emulator-ak:${signature}` };
    expect(check({ method, target, headers: signed, resource })).toEqual({ scheme: 'v1-header', key: AK, resource });
  });

  it('signs the token of a temporary key as an OSS header', () => {
    const key = { ...AK, securityToken: 'tok-123' };
    const headers = {
      Date: DATE,
      'x-oss-security-token': 'tok-123',
      Authorization: 'OSS emulator-ak:ufMC437XZomXGlZ0UTgWvAskUEw=',
    };
    const call = { method: 'PUT', target: '/test-channel?live&status=disabled', headers, resource: CHANNEL, key };
    expect(check(call)).toMatchObject({ scheme: 'v1-header', key });
  });

  it('fits the vector of the documentation', () => {
    const key = { accessKeyId: '44CF9590006BF252F707', accessKeySecret: 'OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV' };
    const headers = {
      'Content-Md5': 'ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=',
      'Content-Type': 'text/html',
      Date: 'Thu, 17 Nov 2005 18:49:58 GMT',
      'X-OSS-Magic': 'abracadabra',
      'X-OSS-Meta-Author': ' foo@bar.com ',
      Authorization: 'OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA=',
    };
    const resource = { bucket: 'oss-example', key: 'nelson' };
    const nowMs = Date.parse(headers.Date);
    expect(check({ method: 'PUT', target: '/nelson', headers, resource, key, nowMs })).toMatchObject({ key });
  });

  it.each([
    ['the C SDK on an IP endpoint signs a bucket without the slash', '/examplebucket?live', '/examplebucket?live'],
    ['continuation-token may be unsigned', '/examplebucket/?continuation-token=t&list-type=2', '/examplebucket/'],
    [
      'continuation-token may be signed',
      '/examplebucket/?continuation-token=t',
      '/examplebucket/?continuation-token=t',
    ],
    ['of repeated sub-resources the first counts', '/?comp=stat&comp=x', '/examplebucket/?comp=stat'],
  ])('%s', (_what, target, signedResource) => {
    const signature = hmacBase64('sha1', AK.accessKeySecret, `GET\n\n\n${DATE}\n${signedResource}`);
    const headers = { Date: DATE, Authorization: `OSS emulator-ak:${signature}` };
    expect(check({ target, headers, resource: BUCKET }).scheme).toBe('v1-header');
  });

  it('signs header values as the UTF-8 text their bytes are', () => {
    const text = `PUT\n\n\n${DATE}\nx-oss-meta-title:频道\n/examplebucket/test-channel`;
    const headers = {
      Date: DATE,
      'x-oss-meta-title': Buffer.from('频道').toString('latin1'),
      Authorization: `OSS emulator-ak:${hmacBase64('sha1', AK.accessKeySecret, text)}`,
    };
    expect(check({ method: 'PUT', target: '/test-channel', headers, resource: CHANNEL }).scheme).toBe('v1-header');
  });
});

describe('V1 URL, worked examples', () => {
  it.each([
    ['', '73uwfE7a%2Fzmiru9P5yNA9O6LzRI%3D', AK],
    ['x-oss-process=hls/sign&', 'SnvirpMsUmjsccIKyarip3C6JhQ=', AK],
    ['x-oss-process=hls%2Fsign&', 'SnvirpMsUmjsccIKyarip3C6JhQ%3D', AK],
    ['security-token=tok-123&', 'IWxm4ZOTzbTZuSjiDEOpUhzNOfk=', { ...AK, securityToken: 'tok-123' }],
  ])('%s', (parameters, signature, key) => {
    const target = `/test-channel/playlist.m3u8?${parameters}OSSAccessKeyId=emulator-ak&Expires=1735689600&Signature=${signature}`;
    const accepted = { scheme: 'v1-query', key, resource: PLAYLIST, expiresSec: 1735689600 };
    expect(check({ target, resource: PLAYLIST, key })).toEqual(accepted);
  });
});

describe('V4, worked examples', () => {
  const V4_HEADERS = { 'x-oss-content-sha256': 'UNSIGNED-PAYLOAD', 'x-oss-date': '20241231T234500Z' };
  const credential = 'Credential=emulator-ak/20241231/cn-hangzhou/oss/aliyun_v4_request';

  it.each([
    [
      'PUT',
      '/test-channel?live&status=disabled',
      CHANNEL,
      '423eb0768fbb7fc698dc031769b3e7f39f8715a2d954a78c896b8d4832f199aa',
    ],
    [
      'GET',
      '/?live&max-keys=2&prefix=test',
      BUCKET,
      '6e2afb10c38142a15b77b7b455c8950bc7140fff8617cf0a97bf7864bf420455',
    ],
  ])('%s %s', (method, target, resource, signature) => {
    const headers = { ...V4_HEADERS, Authorization: `OSS4-HMAC-SHA256 ${credential},Signature=${signature}` };
    expect(check({ method, target, headers, resource, region: 'cn-hangzhou' })).toMatchObject({ scheme: 'v4-header' });
    const python = `OSS4-HMAC-SHA256 Signature=${signature}, ${credential}`;
    expect(check({ method, target, headers: { ...headers, Authorization: python }, resource }).scheme).toBe(
      'v4-header',
    );
  });

  it('signs a URL', () => {
    const target = `/test-channel/playlist.m3u8?x-oss-credential=emulator-ak%2F20241231%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20241231T234500Z&x-oss-expires=900&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=05925e0543cf5c8e33357f2efabb69a0075e58139ad1e941e0fcce28c29e2bce`;
    expect(check({ target, resource: PLAYLIST })).toEqual({ scheme: 'v4-query', key: AK, resource: PLAYLIST });
  });

  const PARAMETERS = 'param1=value1&%7Cparam1=value4&%2Bparam1=value3&%2Bparam2=&%7Cparam2=&param2=';
  const public4 = {
    method: 'PUT',
    resource: { bucket: 'bucket', key: '1234+-/123/1.txt' },
    key: { accessKeyId: 'ak', accessKeySecret: 'sk' },
  };

  it('fits the header vector of the C++, PHP and C# tests', () => {
    const headers = {
      'x-oss-head1': 'value',
      'content-type': 'text/plain',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-oss-date': '20231216T162057Z',
      Authorization:
        'OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe',
    };
    const nowMs = Date.parse('2023-12-16T16:20:57Z');
    expect(check({ ...public4, target: `/1234%2B-/123/1.txt?${PARAMETERS}`, headers, nowMs }).scheme).toBe('v4-header');
  });

  it('fits their URL vector', () => {
    const target = `/1234%2B-/123/1.txt?${PARAMETERS}&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=ak%2F20231217%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20231217T025437Z&x-oss-expires=599&x-oss-signature=a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe`;
    const headers = { 'x-oss-head1': 'value', 'content-type': 'application/octet-stream' };
    const nowMs = Date.parse('2023-12-17T02:54:37Z');
    expect(check({ ...public4, target, headers, nowMs }).scheme).toBe('v4-query');
  });
});

describe('anonymous', () => {
  it('takes the first reading of the address', () => {
    const request = receivedRequest('GET', '/a/b?live');
    expect(authenticate(request, [CHANNEL, BUCKET], { nowMs: 0, keys: keyRing() })).toEqual({
      scheme: 'anonymous',
      resource: CHANNEL,
    });
  });
});

const V1 = 'OSS emulator-ak:FV6Q8GgIiQxhs3GL0wsP9eV4/5I=';
const header = (authorization: string, more = {}) => ({
  target: '/test-channel?live',
  resource: CHANNEL,
  headers: { Date: DATE, Authorization: authorization, ...more },
});
const v4 = (fields: string, more = {}) => header(`OSS4-HMAC-SHA256 ${fields}`, more);
const credentialOf = (scope: string) => `Credential=emulator-ak/${scope},Signature=00`;
const url = (query: string) => ({ target: `/test-channel?${query}`, resource: CHANNEL });
const V4_URL = 'x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=00';
const scopeOf = (scope: string) => `x-oss-credential=${encodeURIComponent(`emulator-ak/${scope}`)}`;
const SCOPE = '20241231/cn-hangzhou/oss/aliyun_v4_request';
const V2_URL = 'x-oss-signature-version=OSS2';

describe('refusals', () => {
  it.each<[string, Call, number, string, string | undefined]>([
    ['AWS scheme', header('AWS4-HMAC-SHA256 x'), 400, 'InvalidArgument', '0002-00000002'],
    ['unknown URL version', url('x-oss-signature-version=OSS9'), 400, 'InvalidArgument', '0002-00000002'],
    ['URL signature without version', url('x-oss-signature=x'), 400, 'InvalidArgument', '0002-00000002'],
    ['header and URL', { ...header(V1), target: '/?Signature=x' }, 400, 'InvalidArgument', undefined],
    ['V1 without blank', header('OSSx emulator-ak:x'), 400, 'InvalidArgument', '0002-00000061'],
    ['V1 without colon', header('OSS emulator-ak'), 400, 'InvalidArgument', '0002-00000062'],
    ['V1 without id', header('OSS :x'), 400, 'InvalidArgument', '0002-00000063'],
    ['V1 illegal id', header('OSS em\\u:x'), 400, 'InvalidArgument', '0002-00000064'],
    ['V1 without signature', header('OSS emulator-ak:'), 400, 'InvalidArgument', '0002-00000065'],
    ['no date', header(V1, { Date: '' }), 403, 'AccessDenied', '0002-00000502'],
    ['date nonsense', header(V1, { Date: 'yesterday' }), 403, 'AccessDenied', '0002-00000502'],
    ['16 minutes late', { ...header(V1), nowMs: SIGNED_MS + 960_000 }, 403, 'RequestTimeTooSkewed', '0002-00000504'],
    ['16 minutes early', { ...header(V1), nowMs: SIGNED_MS - 960_000 }, 403, 'RequestTimeTooSkewed', '0002-00000504'],
    ['unknown key', header('OSS nobody:x'), 403, 'InvalidAccessKeyId', '0002-00000902'],
    ['V1 mismatch', header('OSS emulator-ak:x'), 403, 'SignatureDoesNotMatch', '0002-00000040'],
    ['V1 URL incomplete', url('OSSAccessKeyId=a&Signature=b'), 403, 'AccessDenied', '0002-00000067'],
    ['V1 URL only Expires', url('Expires=1'), 403, 'AccessDenied', '0002-00000067'],
    ['V1 URL blank', url('OSSAccessKeyId=a&Expires=&Signature=b'), 403, 'AccessDenied', '0002-00000068'],
    ['V1 URL expired', url('OSSAccessKeyId=a&Expires=1&Signature=b'), 403, 'AccessDenied', '0002-00000069'],
    ['V1 URL bad date', url('OSSAccessKeyId=a&Expires=1e9&Signature=b'), 403, 'AccessDenied', '0002-00000070'],
    ['V1 URL illegal id', url('OSSAccessKeyId=a%08&Expires=1&Signature=b'), 400, 'InvalidArgument', '0002-00000073'],
    ['V2 unknown field', header('OSS2 AccessKeyId:a,X:b'), 400, 'InvalidArgument', '0002-00000104'],
    ['V2 without id', header('OSS2 Signature:b'), 400, 'InvalidArgument', '0002-00000105'],
    ['V2 empty id', header('OSS2 AccessKeyId:,Signature:b'), 400, 'InvalidArgument', '0002-00000106'],
    ['V2 illegal id', header('OSS2 AccessKeyId:a b,Signature:b'), 400, 'InvalidArgument', '0002-00000107'],
    ['V2 without signature', header('OSS2 AccessKeyId:a'), 400, 'InvalidArgument', '0002-00000108'],
    [
      'V2 empty additional headers',
      header('OSS2 AccessKeyId:a,AdditionalHeaders:,Signature:b'),
      400,
      'InvalidArgument',
      '0002-00000110',
    ],
    ['V2 mismatch', header('OSS2 AccessKeyId:emulator-ak,Signature:b'), 403, 'SignatureDoesNotMatch', '0002-00000040'],
    ['V2 URL without expiry', url(V2_URL), 403, 'AccessDenied', '0002-00000113'],
    ['V2 URL without id', url(`${V2_URL}&x-oss-expires=1`), 403, 'AccessDenied', '0002-00000116'],
    [
      'V2 URL expired',
      url(`${V2_URL}&x-oss-expires=1&x-oss-access-key-id=a&x-oss-signature=b`),
      403,
      'AccessDenied',
      '0002-00000069',
    ],
    ['V4 nothing', v4(''), 400, 'InvalidArgument', '0002-00000202'],
    ['V4 short credential', v4('Credential=a/b,Signature=00'), 400, 'InvalidArgument', '0002-00000202'],
    ['V4 illegal id', v4(`Credential=a b/${SCOPE},Signature=00`), 403, 'InvalidAccessKeyId', '0002-00000901'],
    [
      'V4 bad date',
      v4(credentialOf('2024-12-31/cn-hangzhou/oss/aliyun_v4_request')),
      400,
      'InvalidArgument',
      '0002-00000212',
    ],
    [
      "V4 another day's scope",
      v4(credentialOf('20241230/cn-hangzhou/oss/aliyun_v4_request')),
      400,
      'InvalidArgument',
      '0002-00000212',
    ],
    [
      'V4 endpoint in place of the region',
      v4(credentialOf('20241231/oss-cn-hangzhou/oss/aliyun_v4_request')),
      400,
      'InvalidArgument',
      '0002-00000226',
    ],
    ['V4 other region', { ...v4(credentialOf(SCOPE)), region: 'cn-beijing' }, 400, 'InvalidArgument', '0002-00000226'],
    [
      'V4 other product',
      v4(credentialOf('20241231/cn-hangzhou/s3/aliyun_v4_request')),
      400,
      'InvalidArgument',
      '0002-00000227',
    ],
    ['V4 without date', v4(credentialOf(SCOPE), { Date: '' }), 403, 'AccessDenied', '0002-00000502'],
    ['V4 mismatch', v4(credentialOf(SCOPE)), 403, 'SignatureDoesNotMatch', '0002-00000201'],
    ['V4 URL without credential', url(V4_URL), 403, 'AccessDenied', '0002-00000217'],
    ['V4 URL without expiry', url(`${V4_URL}&${scopeOf(SCOPE)}`), 403, 'AccessDenied', '0002-00000215'],
    ['V4 URL empty expiry', url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=`), 400, 'InvalidArgument', '0002-00000216'],
    ...['0', '604801', '-1', 'x', '1.5'].map((expires): [string, Call, number, string, string] => [
      `V4 URL x-oss-expires=${expires}`,
      url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=${expires}`),
      400,
      'InvalidArgument',
      '0002-00000232',
    ]),
    [
      'V4 URL date nonsense',
      url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=9&x-oss-date=2024`),
      400,
      'InvalidArgument',
      '0002-00000223',
    ],
    [
      'V4 URL other region',
      { ...url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=9&x-oss-date=20241231T234500Z`), region: 'cn-beijing' },
      400,
      'InvalidArgument',
      '0002-00000228',
    ],
    [
      'V4 URL not yet valid',
      { ...url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=9&x-oss-date=20241231T234500Z`), nowMs: SIGNED_MS - 900_001 },
      403,
      'AccessDenied',
      '0002-00000235',
    ],
    [
      'V4 URL expired',
      { ...url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=9&x-oss-date=20241231T234500Z`), nowMs: SIGNED_MS + 9001 },
      403,
      'AccessDenied',
      '0002-00000236',
    ],
    ['query that is not UTF-8', url('prefix=%ff'), 400, 'InvalidArgument', undefined],
    [
      'temporary key without token',
      { ...header(V1), key: { ...AK, securityToken: 't' } },
      403,
      'InvalidAccessKeyId',
      '0002-00000902',
    ],
    ['token with a permanent key', header(V1, { 'x-oss-security-token': 't' }), 403, 'InvalidSecurityToken', undefined],
    [
      'wrong token',
      { ...header(V1, { 'x-oss-security-token': 'x' }), key: { ...AK, securityToken: 't' } },
      403,
      'InvalidSecurityToken',
      undefined,
    ],
    [
      "another key's token",
      {
        ...header(V1, { 'x-oss-security-token': 'x' }),
        key: { ...AK, securityToken: 't' },
        otherKeys: [{ accessKeyId: 'STS.other', accessKeySecret: 's', securityToken: 'x' }],
      },
      403,
      'AccessKeyIdAndSecurityTokenNotMatch',
      undefined,
    ],
    [
      'expired token',
      { ...header(V1, { 'x-oss-security-token': 't' }), key: { ...AK, securityToken: 't', expiresMs: SIGNED_MS - 1 } },
      403,
      'SecurityTokenExpired',
      undefined,
    ],
    [
      'token in header and URL',
      { ...header(V1, { 'x-oss-security-token': 't' }), target: '/?security-token=t' },
      400,
      'InvalidArgument',
      undefined,
    ],
  ])('%s', (_what, call, status, code, ec) => {
    expect(refusal(call)).toMatchObject({ status, code, ec });
  });

  it('says by how much the clocks differ', () => {
    const error = refusal({ ...header(V1), nowMs: SIGNED_MS + 960_000 });
    expect(error.details).toEqual({
      MaxAllowedSkewMilliseconds: '900000',
      RequestTime: '2024-12-31T23:45:00.000Z',
      ServerTime: '2025-01-01T00:01:00.000Z',
    });
    expect(error.reason).toBe("the client's clock is 960 s behind ours");
  });

  it('says when a URL ended', () => {
    const { details } = refusal(url('OSSAccessKeyId=a&Expires=1735688000&Signature=b'));
    expect(details).toEqual({ Expires: '2024-12-31T23:33:20.000Z', ServerTime: '2024-12-31T23:45:00.000Z' });
  });

  it('shows what was signed here, also byte for byte', () => {
    const { details } = refusal(header('OSS emulator-ak:wrong='));
    const stringToSign = `GET\n\n\n${DATE}\n/examplebucket/test-channel?live`;
    expect(details).toEqual({
      OSSAccessKeyId: 'emulator-ak',
      SignatureProvided: 'wrong=',
      StringToSign: stringToSign,
      StringToSignBytes: expect.stringMatching(/^47 45 54 0A 0A 0A ([0-9A-F]{2} )+$/),
    });
  });
});

describe('the last valid moment, and the first after it', () => {
  const MAX_SKEW_MS = 900_000;
  const v1Header: Call = {
    target: '/test-channel?live&status=disabled',
    method: 'PUT',
    resource: CHANNEL,
    headers: { Date: DATE, Authorization: 'OSS emulator-ak:FV6Q8GgIiQxhs3GL0wsP9eV4/5I=' },
  };
  const expiresMs = 1_735_689_600_000;
  const v1Url: Call = {
    target: `/test-channel/playlist.m3u8?OSSAccessKeyId=emulator-ak&Expires=${expiresMs / 1000}&Signature=73uwfE7a%2Fzmiru9P5yNA9O6LzRI%3D`,
    resource: PLAYLIST,
  };
  /** Signed to be valid for 900 s. */
  const v4Url: Call = {
    target: `/test-channel/playlist.m3u8?${scopeOf(SCOPE)}&x-oss-date=20241231T234500Z&x-oss-expires=900&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=05925e0543cf5c8e33357f2efabb69a0075e58139ad1e941e0fcce28c29e2bce`,
    resource: PLAYLIST,
  };
  const sts: Call = {
    method: 'PUT',
    target: '/test-channel?live&status=disabled',
    resource: CHANNEL,
    key: { ...AK, securityToken: 'tok-123', expiresMs: SIGNED_MS + 60_000 },
    headers: {
      Date: DATE,
      'x-oss-security-token': 'tok-123',
      Authorization: 'OSS emulator-ak:ufMC437XZomXGlZ0UTgWvAskUEw=',
    },
  };
  it.each<[string, Call, number, number, string]>([
    ['a header whose clock is behind', v1Header, SIGNED_MS + MAX_SKEW_MS, 1, 'RequestTimeTooSkewed'],
    ['a header whose clock is ahead', v1Header, SIGNED_MS - MAX_SKEW_MS, -1, 'RequestTimeTooSkewed'],
    ['a URL of V1', v1Url, expiresMs, 1, 'AccessDenied'],
    ['the begin of a URL of V4', v4Url, SIGNED_MS - MAX_SKEW_MS, -1, 'AccessDenied'],
    ['the end of a URL of V4', v4Url, SIGNED_MS + 900_000, 1, 'AccessDenied'],
    ['a temporary key', sts, SIGNED_MS + 60_000, 1, 'SecurityTokenExpired'],
  ])('of %s', (_what, call, nowMs, stepMs, code) => {
    expect(check({ ...call, nowMs }).scheme).not.toBe('anonymous');
    expect(refusal({ ...call, nowMs: nowMs + stepMs })).toMatchObject({ status: 403, code });
  });

  it.each([
    ['1', '0'],
    ['604800', '604801'],
  ])('x-oss-expires may be %s and not %s', (valid, invalid) => {
    const expiring = (seconds: string) =>
      url(`${V4_URL}&${scopeOf(SCOPE)}&x-oss-date=20241231T234500Z&x-oss-expires=${seconds}`);
    expect(refusal(expiring(valid)).code).toBe('SignatureDoesNotMatch');
    expect(refusal(expiring(invalid)).ec).toBe('0002-00000232');
  });

  it('Expires has 19 digits at most', () => {
    const expiring = (digits: number) => url(`OSSAccessKeyId=emulator-ak&Expires=${'9'.repeat(digits)}&Signature=b`);
    expect(refusal(expiring(19)).code).toBe('SignatureDoesNotMatch');
    expect(refusal(expiring(20)).ec).toBe('0002-00000070');
  });
});

describe('whatever arrives', () => {
  const anyHeader = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('OSS ', 'OSS2 ', 'OSS4-HMAC-SHA256 ').chain((prefix) => fc.string().map((rest) => prefix + rest)),
    fc
      .array(
        fc.constantFrom(
          'OSS4-HMAC-SHA256 ',
          'Credential=',
          'emulator-ak',
          '/',
          ',',
          'oss',
          'aliyun_v4_request',
          '20241231',
          'Signature=',
          'OSS2 ',
          'AccessKeyId:',
          ':',
          'OSS ',
        ),
      )
      .map((parts) => parts.join('')),
  );
  const anyQuery = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'OSSAccessKeyId',
            'Expires',
            'Signature',
            'x-oss-signature-version',
            'x-oss-credential',
            'x-oss-date',
            'x-oss-expires',
            'x-oss-signature',
            'x-oss-access-key-id',
            'live',
          ),
          fc.oneof(
            fc.string(),
            fc.constantFrom(
              'OSS2',
              'OSS4-HMAC-SHA256',
              'emulator-ak',
              '4000000000',
              '900',
              '20241231T234500Z',
              `emulator-ak/${SCOPE}`,
            ),
          ),
        ),
      )
      .map((pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')),
  );

  it('is accepted or refused with an OssError', () => {
    fc.assert(
      fc.property(fc.option(anyHeader), anyQuery, fc.string(), (authorization, rawQuery, date) => {
        const headers = { date, ...(authorization === null ? {} : { authorization }) };
        const request = { ...receivedRequest('GET', '/x', headers), rawQuery };
        try {
          authenticate(request, [CHANNEL], { nowMs: SIGNED_MS, keys: keyRing(AK) });
        } catch (error) {
          expect(error).toBeInstanceOf(OssError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the time of a request', () => {
  const DAY_MS = 86_400_000;
  const headers = { Date: DATE, Authorization: 'OSS emulator-ak:Y1/0DLDQmIsKsgdkx+ONS2HzJms=' };
  const call = { target: '/?live&max-keys=3&prefix=a', headers, resource: BUCKET };

  it.each([
    ['the emulated time', SIGNED_MS, SIGNED_MS + DAY_MS, true],
    ['the real time', SIGNED_MS + DAY_MS, SIGNED_MS, true],
    ['nearly the real time', SIGNED_MS - DAY_MS, SIGNED_MS + 900_000, true],
    ['neither', SIGNED_MS + DAY_MS, SIGNED_MS - 900_001, false],
    ['the real time, which does not count', SIGNED_MS + DAY_MS, undefined, false],
  ])('may be %s', (_what, nowMs, realMs, isGood) => {
    const request = { ...call, nowMs, ...(realMs !== undefined && { realMs }) };
    if (isGood) expect(check(request).scheme).toBe('v1-header');
    else expect(refusal(request).code).toBe('RequestTimeTooSkewed');
  });

  it('of a V4 URL may be the real time, but it expires by the emulated one', () => {
    const query = `${V4_URL}&${scopeOf(SCOPE)}&x-oss-expires=900&x-oss-date=20241231T234500Z`;
    const signed = { target: `/test-channel?${query}`, resource: CHANNEL, realMs: SIGNED_MS };
    expect(refusal({ ...signed, nowMs: SIGNED_MS - DAY_MS }).code).toBe('SignatureDoesNotMatch');
    expect(refusal({ ...signed, nowMs: SIGNED_MS + 900_001 }).ec).toBe('0002-00000236');
  });
});

it('a V4 URL names a region, and the refusal is worded for URLs', () => {
  const empty = SCOPE.replace('cn-hangzhou', '');
  const query = (scope: string) => `${V4_URL}&${scopeOf(scope)}&x-oss-expires=9&x-oss-date=20241231T234500Z`;
  for (const [scope, region] of [
    [empty, undefined],
    [SCOPE, 'cn-beijing'],
  ] as const) {
    const request = { target: `/test-channel?${query(scope)}`, resource: CHANNEL, ...(region && { region }) };
    expect(refusal(request)).toMatchObject({
      code: 'InvalidArgument',
      ec: '0002-00000228',
      message: 'The signing region in credential is invalid.',
    });
  }
});
