import { describe, expect, it } from 'vitest';
import { trimPasted } from '../../../src/aliyun/auth/pasted-url.ts';

describe('a pasted text', () => {
  it.each([
    ['name', 'name', []],
    ['"name" ', 'name', ['a quote before', 'a quote behind']],
    ['\u200b/na/me', 'na/me', ['a blank before']],
    ['name/', 'name', ['a slash behind']],
    ['>>', '', ['">" before']],
    ['', '', []],
  ])('%j is %j', (text, trimmed, found) => {
    expect(trimPasted(text)).toEqual({ text: trimmed, found });
  });

  it('of any length is read once', () => {
    const text = `a${'"'.repeat(2 ** 20)}a`;
    expect(trimPasted(text)).toEqual({ text, found: [] });
  });
});
