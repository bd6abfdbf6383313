import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/aliyun/auth/authenticate.ts';
import { type Claim, findFit, hmacBase64, type SignedMessage } from '../../../src/aliyun/auth/claim.ts';
import { mismatch } from '../../../src/aliyun/auth/explain.ts';
import { readRtmpQuery } from '../../../src/aliyun/auth/rtmp-query.ts';
import { signRtmpUrl, verifyRtmpUrl } from '../../../src/aliyun/auth/rtmp-url.ts';
import { parseQuery, type Resource } from '../../../src/aliyun/auth/signed-request.ts';
import type { V4Scope } from '../../../src/aliyun/auth/signing-keys.ts';
import { signV1Url } from '../../../src/aliyun/auth/v1-query.ts';
import { v2Claim } from '../../../src/aliyun/auth/v2.ts';
import { v4Claim } from '../../../src/aliyun/auth/v4.ts';
import { refused } from './refused.ts';
import { keyRing, receivedRequest } from './vectors.ts';

const DATE = 'Tue, 31 Dec 2024 23:45:00 GMT';
const NOW_MS = Date.parse(DATE);
const SECRET = 'emulator-secret';
const KEY = { accessKeyId: 'emulator-ak', accessKeySecret: SECRET };
const OTHER = { accessKeyId: 'second-ak', accessKeySecret: 'second-secret' };
const KEYS = keyRing(KEY, OTHER);
const RESOURCE: Resource = { bucket: 'examplebucket', key: 'live channel' };
const TARGET = '/examplebucket/live%20channel?live&prefix=a%2Fb';
const HEADERS = { date: DATE, 'content-type': 'text/xml' };
const HONEST = `PUT\n\ntext/xml\n${DATE}\n/examplebucket/live channel?live`;

/** The reason why a V1 request is refused when its client signed `stringToSign`. */
function explainV1(stringToSign: string, secret = SECRET, more: Readonly<Record<string, string>> = {}): string {
  const authorization = `OSS emulator-ak:${hmacBase64('sha1', secret, stringToSign)}`;
  return explain({ ...HEADERS, ...more, authorization });
}

function explain(headers: Readonly<Record<string, string>>): string {
  const request = receivedRequest('PUT', TARGET, headers);
  return refused(() => authenticate(request, [RESOURCE], { nowMs: NOW_MS, keys: KEYS })).reason ?? '';
}

describe('V1', () => {
  it.each([
    ['whitespace around its secret', HONEST, `${SECRET}\n`],
    ['secret of second-ak', HONEST, OTHER.accessKeySecret],
    ['access key id in place of the secret', HONEST, KEY.accessKeyId],
    ['secret is empty', HONEST, ''],
    [
      'POST was signed, but PUT was sent (line 1 of the string to sign: signed "POST", expected "PUT")',
      HONEST.replace('PUT', 'POST'),
      SECRET,
    ],
    ['content-type was not signed', HONEST.replace('text/xml', ''), SECRET],
    [
      'content-type "application/xml" was signed, but "text/xml" arrived',
      HONEST.replace('text', 'application'),
      SECRET,
    ],
    ['path was signed without the bucket', HONEST.replace('/examplebucket', ''), SECRET],
    ['path was signed with the bucket twice', HONEST.replace('/examplebucket', '/examplebucket/examplebucket'), SECRET],
    ['path was signed still percent-encoded', HONEST.replace('live channel', 'live%20channel'), SECRET],
    ['path was signed with a slash at its end', HONEST.replace('channel?', 'channel/?'), SECRET],
    ['the query parameter live was not signed', HONEST.replace('?live', ''), SECRET],
    ['prefix was signed, which is not a sub-resource', `${HONEST}&prefix=a/b`, SECRET],
    ["most likely the client's secret is not that of emulator-ak", HONEST, 'something else'],
  ])('%s', (expected, stringToSign, secret) => {
    expect(explainV1(stringToSign, secret)).toContain(expected);
  });

  it('quotes the first line that differs', () => {
    expect(explainV1(HONEST.replace('?live', ''))).toContain(
      '(line 5 of the string to sign: signed "/examplebucket/live channel", expected "/examplebucket/live channel?live")',
    );
  });

  it('notices an OSS header that a proxy added', () => {
    expect(explainV1(HONEST, SECRET, { 'x-oss-trace': '1' })).toContain('x-oss-trace was not signed, or was added');
  });

  it('notices a signature that was encoded twice or cut off', () => {
    const signature = hmacBase64('sha1', SECRET, HONEST);
    const authorization = (text: string) => ({ ...HEADERS, authorization: `OSS emulator-ak:${text}` });
    expect(explain(authorization(encodeURIComponent(signature)))).toContain('percent-encoded twice');
    expect(explain(authorization(signature.slice(0, -1)))).toContain('cut off');
  });
});

describe('V4', () => {
  const SCOPE: V4Scope = { date: '20241231', region: 'cn-hangzhou', product: 'oss' };
  const V4_HEADERS = { 'x-oss-date': '20241231T234500Z', 'content-type': 'text/xml' };

  function messageOf(headers: Readonly<Record<string, string>>): SignedMessage {
    const query = parseQuery('live&prefix=a%2Fb');
    return { method: 'PUT', headers: new Map(Object.entries(headers)), query, resource: RESOURCE };
  }

  function signatureFor(claim: Claim, message: SignedMessage): string {
    const [computed] = claim.compute(message, SECRET);
    return computed?.signature ?? '';
  }

  function explainV4(signedScope: V4Scope, message = messageOf(V4_HEADERS)): string {
    const evidence = {
      accessKeyId: 'emulator-ak',
      signature: '',
      timestamp: '20241231T234500Z',
      additionalHeaders: '',
    };
    const signature = signatureFor(v4Claim({ ...evidence, scope: signedScope }), message);
    const credential = 'emulator-ak/20241231/cn-hangzhou/oss/aliyun_v4_request';
    return explain({
      ...V4_HEADERS,
      authorization: `OSS4-HMAC-SHA256 Credential=${credential},Signature=${signature}`,
    });
  }

  it('names a region or a day the key was derived for', () => {
    expect(explainV4({ ...SCOPE, region: 'oss-cn-hangzhou' })).toContain('region "oss-cn-hangzhou"');
    expect(explainV4({ ...SCOPE, date: '20250101' })).toContain('derived for 20250101, the scope says 20241231');
  });

  it('quotes the canonical request', () => {
    const message = { ...messageOf(V4_HEADERS), query: parseQuery('live') };
    expect(explainV4(SCOPE, message)).toBe(
      'the query parameter prefix was not signed (line 3 of the canonical request: signed "live", expected "live&prefix=a%2Fb")',
    );
  });

  it('notices upper-case hex', () => {
    const claim = v4Claim({
      accessKeyId: 'emulator-ak',
      scope: SCOPE,
      signature: '',
      timestamp: V4_HEADERS['x-oss-date'],
      additionalHeaders: '',
    });
    const signature = signatureFor(claim, messageOf(V4_HEADERS)).toUpperCase();
    const credential = 'emulator-ak/20241231/cn-hangzhou/oss/aliyun_v4_request';
    const headers = {
      ...V4_HEADERS,
      authorization: `OSS4-HMAC-SHA256 Credential=${credential},Signature=${signature}`,
    };
    expect(explain(headers)).toContain('upper case');
  });
});

describe('V2', () => {
  it('names a header the client left out', () => {
    const evidence = { accessKeyId: 'emulator-ak', signature: '', additionalHeaders: '', dateLine: () => DATE };
    const message = {
      method: 'PUT',
      headers: new Map([['date', DATE]]),
      query: parseQuery('live&prefix=a%2Fb'),
      resource: RESOURCE,
    };
    const [computed] = v2Claim(evidence).compute(message, SECRET);
    const reason = explain({
      ...HEADERS,
      authorization: `OSS2 AccessKeyId:emulator-ak,Signature:${computed?.signature}`,
    });
    expect(reason).toContain('content-type was not signed');
  });
});

describe('RTMP', () => {
  const target = { bucket: 'examplebucket', channel: 'ch' };
  const explainRtmp = (rawQuery: string) =>
    refused(() => verifyRtmpUrl(readRtmpQuery(rawQuery), [target], { nowMs: NOW_MS, keys: KEYS })).reason;

  it('notices that "live" was signed with the path', () => {
    const query = signRtmpUrl({ bucket: 'examplebucket', channel: 'live/ch' }, KEY, 4_000_000_000);
    expect(explainRtmp(query)).toContain('"live/" before the channel');
  });

  it('notices the signature of a GET URL', () => {
    const query = signV1Url({ bucket: 'examplebucket', key: 'ch' }, KEY, 4_000_000_000);
    expect(explainRtmp(query)).toContain('the signature of a GET URL');
  });

  it('notices parameters that were added after signing', () => {
    const query = signRtmpUrl(target, KEY, 4_000_000_000);
    expect(explainRtmp(`${query}&playlistName=a.m3u8`)).toContain('the query parameter playlistName was not signed');
    expect(explainRtmp(`${query}&playlistName=a.m3u8&b=c`)).toContain('no query parameter was signed');
  });
});

describe('signV1Url', () => {
  it.each([KEY, { ...KEY, securityToken: 'tok+/=' }])('yields a query that verifies', (key) => {
    const resource = { bucket: 'examplebucket', key: 'ch/1.ts' };
    const query = signV1Url(resource, key, 4_000_000_000);
    const request = receivedRequest('GET', `/ch/1.ts?${query}`);
    const accepted = authenticate(request, [resource], { nowMs: NOW_MS, keys: keyRing(key) });
    expect(accepted).toEqual({ scheme: 'v1-query', key, resource, expiresSec: 4_000_000_000 });
  });
});

describe('the search for the mistake', () => {
  /** How often a request with this query is read until it is refused, and the characters that were read. */
  function workOn(query: string, headers: Readonly<Record<string, string>> = {}) {
    const work = { readings: 0, chars: 0 };
    const plain = v2Claim({
      accessKeyId: 'emulator-ak',
      signature: 'x'.repeat(44),
      additionalHeaders: '',
      dateLine: () => DATE,
    });
    const claim: Claim = {
      ...plain,
      *compute(message, secret) {
        for (const computed of plain.compute(message, secret)) {
          work.readings += 1;
          work.chars += computed.stringToSign.length;
          yield computed;
        }
      },
    };
    const message = {
      method: 'GET',
      headers: new Map(Object.entries(headers)),
      query: parseQuery(query),
      resource: RESOURCE,
    };
    const { reason = '', details } = mismatch(claim, message, KEY, KEYS);
    const shown = Object.values(details).reduce((sum, text) => sum + text.length, 0);
    return { ...work, reason, shown };
  }

  it('says that it did not try everything', () => {
    const query = Array.from({ length: 7_400 }, (_, index) => `p${index}`).join('&');
    expect(workOn(query)).toMatchObject({ readings: 2, reason: expect.stringContaining('too long to compare') });
  });

  it('tries everything for a usual request, and for a long signed URL', () => {
    for (const query of ['live&prefix=a%2Fb', `x-oss-security-token=${'t'.repeat(2_000)}&x-oss-process=style`]) {
      const { reason, readings } = workOn(query, { 'content-type': 'text/xml' });
      expect(reason).toContain('no usual mistake explains it');
      expect(readings).toBeGreaterThan(30);
    }
  });

  it.each([
    [
      'thousands of bare parameters',
      Array.from({ length: 7_400 }, (_, index) => 'abcdefghij'[index % 10]).join('&'),
      {},
    ],
    ['thousands of different parameters', Array.from({ length: 3_000 }, (_, index) => `p${index}`).join('&'), {}],
    ['one parameter of many characters', `a=${'%27'.repeat(5_000)}`, {}],
    ['many headers', '', Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`x-oss-meta-${index}`, '']))],
    ['one long header', '', { 'x-oss-meta-a': 'b'.repeat(15_000) }],
  ])('reads a bounded number of characters again for %s', (_what, query, headers) => {
    const { chars, readings, shown } = workOn(query, headers);
    expect(readings).toBeGreaterThan(0);
    expect(chars).toBeLessThan(4_000_000);
    expect(shown).toBeLessThan(64 * 1024);
  });
});

describe('findFit', () => {
  it('does not take two base64 texts of the same bytes for the same signature', () => {
    const claim: Claim = {
      accessKeyId: 'a',
      signature: 'AB==',
      mismatchEc: '',
      compute: () => [{ signature: 'AA==', stringToSign: '' }],
      slips: () => [],
    };
    const message = { method: '', headers: new Map(), query: [], resource: RESOURCE };
    expect(findFit(claim, message, '')).toBeUndefined();
    expect(findFit({ ...claim, signature: 'AA==' }, message, '')).toBeDefined();
  });
});
