import { describe, expect, it } from 'vitest';
import { objectUrl, playUrl, publishUrl, readHost, serviceAuthority, urlBaseFor } from '../../src/aliyun/endpoint.ts';

const ENDPOINT = {
  serviceDomains: ['localhost', 'oss.localhost'],
  cnames: new Map([['live.example.test', 'examplebucket']]),
};

describe('readHost', () => {
  it.each([
    ['localhost', 'path'],
    ['LOCALHOST:9000', 'path'],
    ['oss.localhost:9000', 'path'],
    ['127.0.0.1:9000', 'path'],
    ['[::1]:9000', 'path'],
    ['emulator:9000', 'path'],
    [undefined, 'path'],
    ['', 'path'],
    ['examplebucket.localhost:9000', 'examplebucket'],
    ['examplebucket.oss.localhost', 'examplebucket'],
    ['ExampleBucket.localhost.', 'examplebucket'],
    ['live.example.test:9000', 'examplebucket'],
    ['examplebucket.oss-cn-hangzhou.aliyuncs.com', 'aliyun examplebucket'],
    ['examplebucket.oss-cn-beijing-internal.aliyuncs.com:443', 'aliyun examplebucket'],
    ['.oss-cn-hangzhou.aliyuncs.com', 'aliyun path'],
    ['oss-cn-hangzhou.aliyuncs.com', 'aliyun path'],
  ])('takes %s for %s', (host, expected) => {
    const reading = readHost(host, ENDPOINT);
    const place = reading.style === 'path' ? 'path' : reading.bucket;
    expect(reading.aliyun ? `aliyun ${place}` : place).toBe(expected);
  });
});

describe('URLs of answers', () => {
  const local = '127.0.0.1:9000';

  it.each([
    ['examplebucket.oss.localhost:9000', 'examplebucket.oss.localhost:9000', ''],
    ['localhost:9000', 'localhost:9000', '/examplebucket'],
    ['live.example.test', 'live.example.test', ''],
    ['examplebucket.oss-cn-hangzhou.aliyuncs.com', local, '/examplebucket'],
    [undefined, local, '/examplebucket'],
  ])('lead back to where a request to %s came in', (host, authority, bucketPath) => {
    const base = urlBaseFor(readHost(host, ENDPOINT), host, local, undefined);
    expect(publishUrl(base, 'examplebucket', 'cam')).toBe(`rtmp://${authority}${bucketPath}/live/cam`);
    expect(playUrl(base, 'examplebucket', 'cam', 'p.m3u8')).toBe(`http://${authority}${bucketPath}/cam/p.m3u8`);
  });

  it('encode names', () => {
    const base = { scheme: 'http', style: 'path', authority: local } as const;
    expect(publishUrl(base, 'examplebucket', 'live channel é')).toBe(
      `rtmp://${local}/examplebucket/live/live%20channel%20%C3%A9`,
    );
    expect(objectUrl(base, 'examplebucket', 'a b/c?')).toBe(`http://${local}/examplebucket/a%20b/c%3F`);
  });

  it('obey the public URL', () => {
    const reading = readHost('examplebucket.localhost', ENDPOINT);
    const base = urlBaseFor(reading, 'examplebucket.localhost', local, 'https://media.example.test');
    expect(publishUrl(base, 'examplebucket', 'cam')).toBe('rtmp://media.example.test/examplebucket/live/cam');
  });

  it('give SDKs an endpoint without the bucket', () => {
    expect(serviceAuthority({ scheme: 'http', style: 'bucket', authority: 'b.oss.localhost:1' }, 'b')).toBe(
      'oss.localhost:1',
    );
    expect(serviceAuthority({ scheme: 'http', style: 'bucket', authority: 'live.example.test' }, 'b')).toBe(
      'live.example.test',
    );
    expect(serviceAuthority({ scheme: 'http', style: 'path', authority: 'b.test' }, 'b')).toBe('b.test');
  });
});
