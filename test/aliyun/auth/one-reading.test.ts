/** A signed request can be read in one way only: what was verified is what is done. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/aliyun/auth/authenticate.ts';
import { percentEncode } from '../../../src/aliyun/auth/canonical.ts';
import { readRtmpQuery } from '../../../src/aliyun/auth/rtmp-query.ts';
import { signRtmpUrl, verifyRtmpUrl } from '../../../src/aliyun/auth/rtmp-url.ts';
import { type AccessKey, queryValue } from '../../../src/aliyun/auth/signed-request.ts';
import { isSubResource } from '../../../src/aliyun/auth/sub-resources.ts';
import { OssError } from '../../../src/base/errors.ts';
import { readQuery } from '../../../src/http/receive-request.ts';
import { selectorsOf } from '../../../src/oss/rest/operation.ts';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';
import { keyRing, receivedRequest } from './vectors.ts';

const KEY: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const NOW_MS = Date.parse('2024-12-31T23:45:00Z');
const EXPIRES_SEC = 1735689600;
const TARGET = { bucket: 'examplebucket', channel: 'ch' };

describe('a signed RTMP URL', () => {
  /** What the push would do with a changed URL; undefined when it is refused. */
  const playlistOf = (query: string) => {
    const read = readRtmpQuery(...query.split('|'));
    try {
      verifyRtmpUrl(read, [TARGET], { nowMs: NOW_MS, keys: keyRing(KEY) });
    } catch (error) {
      expect(error).toBeInstanceOf(OssError);
      return undefined;
    }
    return queryValue(read, 'playlistName');
  };
  const sign = (playlistName: string) => signRtmpUrl(TARGET, KEY, EXPIRES_SEC, { playlistName });

  it('keeps the value that was signed, however its name is escaped', () => {
    const query = sign('signed.m3u8');
    expect(playlistOf(query)).toBe('signed.m3u8');
    const escaped = query.replace('playlistName', 'playlistN%61me');
    for (const same of [
      escaped,
      `${query}&playlistName=other.m3u8`,
      `${escaped}&playlistName=other.m3u8`,
      `${query}&playlist%4Eame=other.m3u8`,
      `${query}|playlistName=other.m3u8`,
      `${escaped}|playlistName=other.m3u8|playlistN%61me=other.m3u8`,
    ]) {
      expect(playlistOf(same), same).toBe('signed.m3u8');
    }
  });

  it.each([
    ['another value before it', (query: string) => `playlistName=other.m3u8&${query}`],
    ['another value before it, escaped', (query: string) => `playlistN%61me=other.m3u8&${query}`],
    ['another value in the part that comes first', (query: string) => `playlistName=other.m3u8|${query}`],
    ['another case of its name', (query: string) => query.replace('playlistName', 'playlistname')],
    ['a plus in its name', (query: string) => query.replace('playlistName', 'playlist+Name')],
    ['a semicolon in place of an ampersand', (query: string) => query.replace('&playlistName', ';playlistName')],
    ['a name that was escaped twice', (query: string) => query.replace('playlistName', 'playlistN%2561me')],
    ['an escaped equals sign', (query: string) => query.replace('playlistName=', 'playlistName%3D')],
    ['an escaped ampersand', (query: string) => query.replace('&playlistName', '%26playlistName')],
    ['a parameter that was added', (query: string) => `${query}&a=b`],
    ['an empty parameter that was added', (query: string) => `${query}&a`],
  ])('is refused with %s', (_, change) => {
    expect(playlistOf(change(sign('signed.m3u8')))).toBeUndefined();
  });

  it('has a plus where a plus was signed, and a blank where a blank was', () => {
    expect(playlistOf(sign('a b.m3u8'))).toBe('a b.m3u8');
    expect(playlistOf(sign('a+b.m3u8'))).toBe('a+b.m3u8');
    expect(playlistOf(sign('a b.m3u8').replace('a%20b', 'a+b'))).toBeUndefined();
  });

  it('is refused when other parameters would have the same signature', () => {
    const hidden = signRtmpUrl(TARGET, KEY, EXPIRES_SEC, { a: '1', playlistName: 'p.m3u8' });
    expect(playlistOf(hidden)).toBe('p.m3u8');
    const joined = hidden.replace('a=1&playlistName=p.m3u8', 'a=1%0AplaylistName%3Ap.m3u8');
    expect(joined).not.toBe(hidden);
    expect(playlistOf(joined)).toBeUndefined();
    const colon = sign('a:b.m3u8');
    expect(playlistOf(colon)).toBe('a:b.m3u8');
    expect(playlistOf(colon.replace('playlistName=a%3Ab', 'playlistName%3Aa=b'))).toBeUndefined();
  });
});

describe('a URL with a V1 signature', () => {
  const resource = { bucket: 'b', key: 'k' };

  function signed(method: string, text: string): string {
    const string = `${method}\n\n\n${EXPIRES_SEC}\n/b/${text}`;
    const signature = createHmac('sha1', KEY.accessKeySecret).update(string).digest('base64');
    return `OSSAccessKeyId=${KEY.accessKeyId}&Expires=${EXPIRES_SEC}&Signature=${percentEncode(signature)}`;
  }

  /** Whether it is accepted. */
  function accepts(method: string, target: string, key = resource.key): boolean {
    try {
      authenticate(receivedRequest(method, target), [{ bucket: 'b', key }], { nowMs: NOW_MS, keys: keyRing(KEY) });
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(OssError);
      return false;
    }
  }

  it('is no other operation with its ampersands or its question mark escaped', () => {
    const part = signed('PUT', 'k?partNumber=1&uploadId=a');
    expect(accepts('PUT', `/b/k?partNumber=1&uploadId=a&${part}`)).toBe(true);
    expect(accepts('PUT', `/b/k?p%61rtNumber=%31&uploadId=a&${part}`)).toBe(true);
    expect(accepts('PUT', `/b/k?partNumber=1%26uploadId%3Da&${part}`)).toBe(false);
    expect(accepts('PUT', `/b/k%3FpartNumber%3D1%26uploadId%3Da?${part}`, 'k?partNumber=1&uploadId=a')).toBe(false);
    const acl = signed('GET', 'k?acl');
    expect(accepts('GET', `/b/k?%61cl&${acl}`)).toBe(true);
    expect(accepts('GET', `/b/k%3Facl?${acl}`, 'k?acl')).toBe(false);
    expect(accepts('GET', `/b/k?${acl}`)).toBe(false);
  });

  it('may have question marks and ampersands otherwise', () => {
    expect(accepts('GET', `/b/a%3Fb?${signed('GET', 'a?b')}`, 'a?b')).toBe(true);
    const name = 'attachment; filename="a&b=c.txt"';
    const query = signed('GET', `k?response-content-disposition=${name}`);
    expect(accepts('GET', `/b/k?response-content-disposition=${percentEncode(name)}&${query}`)).toBe(true);
  });

  it('covers each parameter that selects an operation, but those that no SDK signs', () => {
    const unsigned = OPERATIONS.flatMap(selectorsOf).filter(({ name }) => !isSubResource(name));
    expect([...new Set(unsigned.map(({ name }) => name))].sort()).toEqual([
      'accessmonitor',
      'cleanRestoredObject',
      'list-type',
      'regions',
    ]);
  });

  it('is read as it was verified: the first of repeated parameters counts, in any spelling', () => {
    const versions = signed('GET', 'k?versionId=a');
    expect(accepts('GET', `/b/k?versionId=a&%76ersionId=b&${versions}`)).toBe(true);
    expect(readQuery('versionId=a&%76ersionId=b').get('versionId')).toBe('a');
    expect(accepts('GET', `/b/k?%76ersionId=b&versionId=a&${versions}`)).toBe(false);
  });
});
