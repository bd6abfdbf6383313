import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextBytes } from '../../src/base/text-bytes.ts';

describe('TextBytes', () => {
  it.each([
    ['nothing', []],
    ['texts of all lengths of UTF-8', ['a', 'é', '频', '😀', 'a\u0000é😀频', '']],
    ['more than a block', Array.from({ length: 50_000 }, (_, index) => `line ${index} é\n`)],
    ['a text that is longer than a block', ['é', '频'.repeat(200_000), 'é']],
  ])('joins %s', (_, texts: readonly string[]) => {
    const bytes = new TextBytes();
    for (const text of texts) bytes.append(text);
    expect(Buffer.concat(bytes.blocks()).equals(Buffer.from(texts.join('')))).toBe(true);
  });

  it('writes integers in decimal', () => {
    const integers = [
      0,
      7,
      999_999,
      1_000_000,
      1_000_001,
      1_735_688_400_000,
      1_735_688_400_001,
      9_999_999_999_999,
      2 ** 53 - 1,
      1,
    ];
    const bytes = new TextBytes();
    for (const integer of integers) {
      bytes.appendInteger(integer);
      bytes.append(' ');
    }
    expect(Buffer.concat(bytes.blocks()).toString()).toBe(`${integers.join(' ')} `);
  });

  it('writes bytes as they are, from block to block', () => {
    const bytes = new TextBytes();
    for (let line = 0; line < 50_000; line++) bytes.appendBytes(Buffer.from(`é${line}\n`));
    const expected = Array.from({ length: 50_000 }, (_, line) => `é${line}\n`).join('');
    expect(Buffer.concat(bytes.blocks()).toString() === expected).toBe(true);
  });

  it('writes part of a URI as encodeURIComponent does', () => {
    const character = fc.oneof(fc.nat({ max: 0x7f }), fc.constantFrom(0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff));
    const part = fc.array(character, { maxLength: 12 }).map((codes) => String.fromCodePoint(...codes));
    const property = fc.property(part, part, (before, text) => {
      const bytes = new TextBytes();
      bytes.appendUriComponent(before + text, before.length);
      expect(Buffer.concat(bytes.blocks()).toString()).toBe(encodeURIComponent(text));
    });
    fc.assert(property);
    expect(() => new TextBytes().appendUriComponent('a/\ud800', 2)).toThrow(URIError);
  });
});
