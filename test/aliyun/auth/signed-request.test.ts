import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery, queryValue } from '../../../src/aliyun/auth/signed-request.ts';
import { OssError } from '../../../src/base/errors.ts';
import { refused } from './refused.ts';

describe('parseQuery', () => {
  it('tells a bare name from an empty value and keeps the order', () => {
    expect(parseQuery('live&status=&&a=b=c')).toEqual([
      { name: 'live', value: '', hasEquals: false },
      { name: 'status', value: '', hasEquals: true },
      { name: 'a', value: 'b=c', hasEquals: true },
    ]);
    expect(parseQuery('')).toEqual([]);
  });

  it('decodes a plus as a blank and %2B as a plus', () => {
    expect(queryValue(parseQuery('marker=a+b%2Bc%2Fd%E9%A2%91'), 'marker')).toBe('a b+c/d频');
  });

  it('takes the first of repeated parameters', () => {
    expect(queryValue(parseQuery('a=1&a=2'), 'a')).toBe('1');
  });

  it.each(['a=%', 'a=%zz', '%ff=1', 'a=%C3'])('refuses %s', (rawQuery) => {
    expect(refused(() => parseQuery(rawQuery))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  it('reads back what encodeURIComponent wrote', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const rawQuery = pairs
          .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
          .join('&');
        const decoded = parseQuery(rawQuery).map(({ name, value }) => [name, value]);
        expect(decoded).toEqual(pairs);
      }),
    );
  });

  it('never throws anything but OssError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (rawQuery) => {
        try {
          parseQuery(rawQuery);
        } catch (error) {
          expect(error).toBeInstanceOf(OssError);
        }
      }),
    );
  });
});
