import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { fields, integer, openFields, optional, readFields, record, type Schema, text } from '../../src/base/schema.ts';

/** Every field may be left out, so that only the type of the value can be wrong. */
const OPTIONAL = { name: optional(text) };

describe('readFields refuses a name that would be lost', () => {
  const schema = fields({
    texts: optional(v.record(v.string(), v.string())),
    list: optional(v.array(v.looseObject({}))),
  });

  it.each(['__proto__', 'constructor', 'prototype'])('%s', (name) => {
    const member = `{"${name}":"x"}`;
    for (const document of [member, `{"texts":${member}}`, `{"list":[{"a":[${member}]}]}`]) {
      expect(() => readFields(schema, JSON.parse(document), 'The thing')).toThrow(
        `The thing: nothing can be named ${name} here; use another name.`,
      );
    }
  });

  it('at any depth, and takes names and texts like them', () => {
    const levels = 200_000;
    const deep = JSON.parse(`{"list":[{"a":${'['.repeat(levels)}{"constructor":1}${']'.repeat(levels)}}]}`);
    expect(() => readFields(schema, deep, 'The thing')).toThrow('named constructor');
    const document = { texts: { Constructor: 'constructor', proto: '__proto__' } };
    expect(readFields(schema, document, 'The thing')).toEqual(document);
  });
});

describe('a whole number', () => {
  it.each([1.5, 2 ** 53, 1e300, '1', null])('is not %s', (value) => {
    expect(v.safeParse(integer(0), value).success).toBe(false);
  });

  it('is up to the last that is exact', () => {
    expect(v.parse(integer(0), Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('an object', () => {
  const schemas: readonly (readonly [string, Schema])[] = [
    ['of fields', fields(OPTIONAL)],
    ['of fields, and perhaps others', openFields(OPTIONAL)],
    ['of any fields', record(v.string(), v.string())],
  ];
  it.each(schemas)('%s is no list, no null, and no plain value', (_what, schema) => {
    expect(readFields(schema, {}, 'It')).toEqual({});
    const wrong: readonly (readonly [unknown, string])[] = [
      [[], 'a list'],
      [['x'], 'a list'],
      [null, 'null'],
      ['x', 'a string'],
      [1, 'a number'],
    ];
    for (const [value, name] of wrong) {
      expect(() => readFields(schema, value, 'It')).toThrow(new UsageError(`It: must be an object, not ${name}.`));
      const within = fields({ part: schema });
      expect(() => readFields(within, { part: value }, 'It')).toThrow(`It: part must be an object, not ${name}.`);
    }
  });
});
