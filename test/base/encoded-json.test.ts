import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../src/base/encoded-json.ts';

describe('a key that an object has twice', () => {
  it.each([
    ['{"a": 1, "a": 2}', 'a'],
    ['{"a": 1, "\\u0061" : 2}', 'a'],
    ['{"b": {"a": [], "c": {}, "a": null}}', 'a'],
    ['[{"a": 1}, {"x": [{"": 1, "": 1}]}]', ''],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
    ['{"a": {"b": 1}, "a": 2}', 'a'],
    ['{"a\\"": 1, "a\\"": 2}', 'a"'],
  ])('is found in %s', (text, key) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(repeatedKey(text)).toBe(key);
  });

  it.each([
    '{}',
    '"a"',
    '{"a": "a", "b": ["a", "a"]}',
    '{"a": {"a": 1}, "b": {"a": 1}}',
    '[{"a": 1}, {"a": 2}]',
    String.raw`{"a": "\"b\": {\"b\": 1", "b": "}", "c": "a\\"}`,
  ])('is none in %s', (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(repeatedKey(text)).toBeUndefined();
  });

  it.each([
    ['characters', 'a'],
    ['escapes', '\\n'],
  ])('is found behind a text of many megabytes of %s', (_what, unit) => {
    const text = unit.repeat(20_000_000 / unit.length);
    expect(repeatedKey(`{"a": "${text}", "b": 1}`)).toBeUndefined();
    expect(repeatedKey(`{"a": "${text}", "a": 1}`)).toBe('a');
  });
});
