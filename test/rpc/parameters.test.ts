import { describe, expect, it } from 'vitest';
import { paginate } from '../../src/rpc/paging.ts';
import {
  hasParameter,
  optionalBoolean,
  optionalInteger,
  optionalText,
  readList,
  readObjects,
} from '../../src/rpc/parameters.ts';

const of = (query: string) => new Map(new URLSearchParams(query));

describe('parameters', () => {
  it.each([
    ['Ids.2=b&Ids.1=a&Ids.10=c', ['a', 'b', 'c']],
    ['Ids=["a","b"]', ['a', 'b']],
    ['Ids=a,b', ['a', 'b']],
    ['Ids=a', ['a']],
    ['Ids=[not json', ['[not json']],
    ['Other.1=a', []],
  ])('%s is the list %j', (query, list) => {
    expect(readList(of(query), 'Ids')).toEqual(list);
  });

  it('are objects in both forms', () => {
    const expected = [
      new Map([
        ['Format', 'm3u8'],
        ['SliceDuration', '5'],
      ]),
      new Map([['Format', 'flv']]),
    ];
    expect(readObjects(of('F.2.Format=flv&F.1.Format=m3u8&F.1.SliceDuration=5&F.x=1'), 'F')).toEqual(expected);
    const json = JSON.stringify([{ Format: 'm3u8', SliceDuration: 5 }, { Format: 'flv' }]);
    expect(readObjects(new Map([['F', json]]), 'F')).toEqual(expected);
    expect(readObjects(of('F=[1,null]'), 'F')).toEqual([new Map(), new Map()]);
  });

  it('are booleans as each SDK writes them', () => {
    for (const text of ['true', 'True', 'TRUE', '1']) expect(optionalBoolean(of(`B=${text}`), 'B')).toBe(true);
    for (const text of ['false', 'False', '0']) expect(optionalBoolean(of(`B=${text}`), 'B')).toBe(false);
    expect(optionalBoolean(of('B='), 'B')).toBeUndefined();
    expect(() => optionalBoolean(of('B=yes'), 'B')).toThrow('invalid params');
  });

  it('are whole numbers', () => {
    expect(optionalInteger(of('N=-7'), 'N')).toBe(-7);
    for (const text of ['1.5', '1e3', '0x10', '9007199254740993']) {
      expect(() => optionalInteger(of(`N=${text}`), 'N')).toThrow('invalid params');
    }
  });

  it('are absent when they are empty', () => {
    expect(optionalText(of('A='), 'A')).toBeUndefined();
    expect(hasParameter(of('A='), 'A')).toBe(false);
    expect(hasParameter(of('A.1=x'), 'A')).toBe(true);
  });
});

describe('a page', () => {
  const all = Array.from({ length: 12 }, (_, index) => index);
  const limits = { min: 5, max: 10, otherwise: 7 };

  it.each([
    ['', { PageNum: 1, PageSize: 7, TotalNum: 12, TotalPage: 2 }, [0, 1, 2, 3, 4, 5, 6]],
    ['PageNum=2', { PageNum: 2, PageSize: 7, TotalNum: 12, TotalPage: 2 }, [7, 8, 9, 10, 11]],
    ['PageNum=3&PageSize=1', { PageNum: 3, PageSize: 5, TotalNum: 12, TotalPage: 3 }, [10, 11]],
    ['PageNum=-1&PageSize=99', { PageNum: 1, PageSize: 10, TotalNum: 12, TotalPage: 2 }, all.slice(0, 10)],
    ['PageNum=99', { PageNum: 99, PageSize: 7, TotalNum: 12, TotalPage: 2 }, []],
  ])('%j', (query, fields, items) => {
    expect(paginate(all, of(query), limits)).toEqual({ fields, items });
  });
});
