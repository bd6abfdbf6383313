import { describe, expect, it } from 'vitest';
import { hasBoundedWildcards, matchesWildcards } from '../../../src/aliyun/policy/wildcards.ts';

/** The definition, without a bound on the time. */
function definition(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`).test(text);
}

describe('a pattern', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['a*a', 'a', false],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aba', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '', false],
    ['*?*', '', false],
    ['*?*', 'x', true],
    ['bucket/*', 'bucket/', true],
    ['bucket/*', 'bucket', false],
    ['bucket/*.ts', 'bucket/a/b.ts', true],
    ['a.c', 'abc', false],
    ['*abcabcabcabcabcabcabd*', 'abcabcabcabcabcabcabcabd', true],
  ])('%j and %j: %s', (pattern, text, fits) => {
    expect(matchesWildcards(pattern, text)).toBe(fits);
  });

  it('fits what its definition fits, for all short patterns and texts', () => {
    const wordsOf = (letters: string, length: number): readonly string[] =>
      length === 0
        ? ['']
        : ['', ...[...letters].flatMap((letter) => wordsOf(letters, length - 1).map((w) => letter + w))];
    const texts = wordsOf('ab', 5);
    for (const pattern of wordsOf('ab*?', 5)) {
      for (const text of texts) {
        if (matchesWildcards(pattern, text) !== definition(pattern, text)) expect.unreachable(`${pattern} and ${text}`);
      }
    }
  });

  it('finds a long piece as well as a short one', () => {
    const piece = `${'ab'.repeat(20)}c`;
    expect(matchesWildcards(`*${piece}*`, `${'ab'.repeat(50)}c`)).toBe(true);
    expect(matchesWildcards(`*${piece}*`, 'ab'.repeat(50))).toBe(false);
    expect(matchesWildcards(`*${piece}*${piece}`, piece)).toBe(false);
    expect(matchesWildcards(`*${piece}*${piece}`, piece + piece)).toBe(true);
  });

  it('has a bounded time when no long piece between two stars has a question mark', () => {
    expect(hasBoundedWildcards(`*${'a'.repeat(4000)}*`)).toBe(true);
    expect(hasBoundedWildcards('?'.repeat(1000))).toBe(true);
    expect(hasBoundedWildcards(`*${'?'.repeat(64)}*`)).toBe(true);
    expect(hasBoundedWildcards(`*${'?'.repeat(65)}*`)).toBe(false);
  });
});
