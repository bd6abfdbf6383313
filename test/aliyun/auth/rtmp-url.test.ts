import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRtmpQuery } from '../../../src/aliyun/auth/rtmp-query.ts';
import { hasRtmpCredentials, signRtmpUrl, verifyRtmpUrl } from '../../../src/aliyun/auth/rtmp-url.ts';
import type { AccessKey } from '../../../src/aliyun/auth/signed-request.ts';
import { OssError } from '../../../src/base/errors.ts';
import { refused } from './refused.ts';
import { keyRing } from './vectors.ts';

const KEY: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const TARGET = { bucket: 'examplebucket', channel: 'test-channel' };
const EXPIRES_SEC = 1735689600;
const NOW_MS = Date.parse('2024-12-31T23:45:00Z');

function verify(rawQuery: string, key = KEY, nowMs = NOW_MS) {
  return verifyRtmpUrl(readRtmpQuery(rawQuery), [TARGET], { nowMs, keys: keyRing(key) });
}

const signed = (signature: string, more = '') =>
  `OSSAccessKeyId=emulator-ak&Expires=${EXPIRES_SEC}&Signature=${signature}${more}`;

describe('worked examples', () => {
  it.each([
    [signed('bUcKiUYpixiMRtnrT5i8BIy3OG0%3D'), {}],
    [signed('yFOYC8dDI%2Feic69g0wIQhX8T2RI%3D', '&playlistName=playlist.m3u8'), { playlistName: 'playlist.m3u8' }],
    [signed('sZq2wbZ8wqy3tPKjkTMHJ%2FldyMY%3D', '&a=1&playlistName=a%20b.m3u8'), { a: '1', playlistName: 'a b.m3u8' }],
  ])('%s', (rawQuery, parameters) => {
    expect(verify(rawQuery)).toMatchObject({ key: KEY, ...TARGET });
    expect(signRtmpUrl(TARGET, KEY, EXPIRES_SEC, parameters)).toBe(rawQuery);
  });

  it('signs a security token', () => {
    const key = { ...KEY, securityToken: 'tok-123' };
    const rawQuery = signed('K3Euu5jqaF4d7ALOIm5GkwafGF4%3D', '&playlistName=playlist.m3u8&security-token=tok-123');
    expect(signRtmpUrl(TARGET, key, EXPIRES_SEC, { playlistName: 'playlist.m3u8' })).toBe(rawQuery);
    expect(verify(rawQuery, key)).toMatchObject({ key });
  });

  it('fits the vector of an independent SDK', () => {
    const key = { accessKeyId: 'ak', accessKeySecret: 'OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV' };
    const target = { bucket: 'test_bucket', channel: 'test_channel' };
    const query = signRtmpUrl(target, key, 1547105286, { playlistName: 'list.m3u8' });
    expect(query).toContain(`Signature=${encodeURIComponent('JvQe2X2bOTmJ3H/XQcWlW7Mh4gc=')}`);
  });
});

describe('what encoders and people make of a URL', () => {
  it('takes a signature that was decoded on the way', () => {
    expect(verify(signed('bUcKiUYpixiMRtnrT5i8BIy3OG0='))).toMatchObject(TARGET);
  });

  it('takes a plus or a blank for the plus of a signature', () => {
    const expiries = [...Array(1000).keys()].map((i) => EXPIRES_SEC + i);
    const expiresSec = expiries.find((candidate) => signRtmpUrl(TARGET, KEY, candidate).includes('Signature=%2B'));
    const query = signRtmpUrl(TARGET, KEY, expiresSec ?? 0);
    expect(query).toContain('Signature=%2B');
    expect(verify(query.replaceAll('%2B', '+'))).toMatchObject(TARGET);
    expect(verify(query.replaceAll('%2B', '%20'))).toMatchObject(TARGET);
  });

  it('takes an expiry decades away', () => {
    expect(verify(signRtmpUrl(TARGET, KEY, 3_408_138_000))).toMatchObject(TARGET);
    expect(verify(signRtmpUrl(TARGET, KEY, 9_007_199_254_740_991))).toMatchObject(TARGET);
  });

  it('is valid up to and including Expires', () => {
    const query = signRtmpUrl(TARGET, KEY, EXPIRES_SEC);
    expect(verify(query, KEY, EXPIRES_SEC * 1000)).toMatchObject(TARGET);
    expect(refused(() => verify(query, KEY, EXPIRES_SEC * 1000 + 1)).ec).toBe('0002-00000805');
  });

  it('finds the bucket that the URL leaves out', () => {
    const query = readRtmpQuery(signRtmpUrl(TARGET, KEY, EXPIRES_SEC));
    const candidates = [{ bucket: 'first', channel: 'test-channel' }, TARGET];
    expect(verifyRtmpUrl(query, candidates, { nowMs: NOW_MS, keys: keyRing(KEY) }).bucket).toBe('examplebucket');
    const none = refused(() => verifyRtmpUrl(query, [], { nowMs: NOW_MS, keys: keyRing(KEY) }));
    expect(none).toMatchObject({ code: 'NoSuchLiveChannel', ec: '0026-00000021' });
  });

  it.each([
    ['OSSAccessKeyId=a', true],
    ['playlistName=a&Signature=b', true],
    ['Expires=1', true],
    ['SignatureVersion=4', true],
    ['playlistName=test.m3u8', false],
    ['', false],
  ])('%s claims to be signed: %s', (rawQuery, expected) => {
    expect(hasRtmpCredentials(readRtmpQuery(rawQuery))).toBe(expected);
  });
});

describe('refusals', () => {
  it.each([
    ['Expires=1&Signature=b', '801', 400],
    ['OSSAccessKeyId=%20&Expires=1&Signature=b', '801', 400],
    ['OSSAccessKeyId=a%08&Expires=1&Signature=b', '802', 400],
    ['OSSAccessKeyId=emulator-ak&Signature=b', '803', 400],
    ['OSSAccessKeyId=emulator-ak&Expires=&Signature=b', '803', 400],
    ['OSSAccessKeyId=emulator-ak&Expires=soon&Signature=b', '804', 400],
    ['OSSAccessKeyId=emulator-ak&Expires=1&Signature=b', '805', 403],
    ['OSSAccessKeyId=emulator-ak&Expires=4000000000&Signature=', '806', 400],
    ['OSSAccessKeyId=emulator-ak&Expires=4000000000&Signature=b', '807', 403],
    ['OSSAccessKeyId=emulator-ak&Expires=4000000000&Signature=b&SignatureVersion=4', '808', 400],
    ['x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=b', '808', 400],
    ['OSSAccessKeyId=nobody&Expires=4000000000&Signature=b', '902', 403],
  ])('%s gives 0002-00000%s', (rawQuery, ec, status) => {
    expect(refused(() => verify(rawQuery))).toMatchObject({ ec: `0002-00000${ec}`, status });
  });

  it('refuses an expired temporary key, with its token or without', () => {
    const key = { ...KEY, securityToken: 't', expiresMs: NOW_MS - 1 };
    const code = 'SecurityTokenExpired';
    expect(refused(() => verify(signRtmpUrl(TARGET, key, EXPIRES_SEC), key))).toMatchObject({ code, status: 403 });
    expect(refused(() => verify(signRtmpUrl(TARGET, KEY, EXPIRES_SEC), key))).toMatchObject({ code, status: 403 });
  });

  it('never throws anything but OssError', () => {
    const part = fc.constantFrom(
      'OSSAccessKeyId=',
      'emulator-ak',
      '&',
      'Expires=',
      '4000000000',
      'Signature=',
      '%',
      '+',
      '=',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (rawQuery) => {
          try {
            verify(rawQuery);
          } catch (error) {
            expect(error).toBeInstanceOf(OssError);
          }
        },
      ),
    );
  });
});
