import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHttpPath, readResource, splitTarget } from '../../src/http/address.ts';

const PATH = { style: 'path', aliyun: false } as const;
const HOST = { style: 'bucket', bucket: 'examplebucket', aliyun: true } as const;

describe('splitTarget', () => {
  it.each([
    ['/a/b?c=d?e', '/a/b', 'c=d?e'],
    ['/', '/', ''],
    ['http://host:1/a?b', '/a', 'b'],
    ['HTTPS://host?b', '/', 'b'],
    ['*', '/', ''],
  ])('%s', (target, rawPath, rawQuery) => {
    expect(splitTarget(target)).toEqual({ rawPath, rawQuery });
  });
});

describe('decodePath', () => {
  it('keeps a plus and decodes the rest', () => {
    expect(decodeHttpPath('/a+b%2Bc%2Fd%20%C3%A9')).toBe('/a+b+c/d é');
  });

  it.each(['/%', '/%g0', '/%00', '/%ff', '/%ed%a0%80', '/%c0%af'])('refuses %s', (path) => {
    expect(decodeHttpPath(path)).toBeUndefined();
  });

  it('gives back any text that was encoded', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    fc.assert(fc.property(text, (path) => decodeHttpPath(encodeURIComponent(path)) === path));
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (path) => ['string', 'undefined'].includes(typeof decodeHttpPath(path))));
  });
});

describe('readAddress', () => {
  it.each([
    ['/', '', ''],
    ['/b', 'b', ''],
    ['/b/', 'b', ''],
    ['/b/k/l', 'b', 'k/l'],
    ['/b//k', 'b', '/k'],
    ['//k', '', 'k'],
  ])('reads the path %s', (path, bucket, key) => {
    expect(readResource(PATH, path)).toEqual([{ bucket, key }]);
  });

  it('takes the key from the whole path when the bucket is in the host', () => {
    expect(readResource(HOST, '/k/l')).toEqual([{ bucket: 'examplebucket', key: 'k/l' }]);
  });

  it('has a second reading when the bucket is in both', () => {
    expect(readResource(HOST, '/examplebucket/k')).toEqual([
      { bucket: 'examplebucket', key: 'examplebucket/k' },
      { bucket: 'examplebucket', key: 'k' },
    ]);
  });
});
