import { expect, it } from 'vitest';
import { cutText, MAX_TEXT_CHARS } from '../../src/base/cut-text.ts';

it('a text within the bound stays as it is', () => {
  expect(cutText('x'.repeat(MAX_TEXT_CHARS))).toBe('x'.repeat(MAX_TEXT_CHARS));
});

it('a longer one ends with how much is missing', () => {
  expect(cutText('abcdef', 4)).toBe('abcd… (2 more characters)');
  expect(cutText('x'.repeat(1_000_000)).length).toBeLessThan(MAX_TEXT_CHARS + 40);
});

it('no character is cut in half', () => {
  expect(cutText('abc\u{1F600}def', 4)).toBe('abc… (5 more characters)');
});
