/**
 * What people write as JSON or as options (seeds, fault rules, control calls). One schema describes it, checks it,
 * gives its type and appears in the documentation.
 */
import * as v from 'valibot';
import { UsageError } from './errors.ts';
import { unknownName } from './nearest.ts';

export type Schema<Value = unknown> = v.GenericSchema<unknown, Value>;

/** An object with these fields and no others; the message about a misspelt field suggests the most similar name. */
export function fields<const Entries extends v.ObjectEntries>(entries: Entries) {
  const object = v.strictObject(entries, ({ expected, received, input }) => {
    if (expected === 'never') return unknownName('field', unquote(received), Object.keys(entries));
    return whyNoObject(expected, input);
  });
  return exceptLists(object);
}

/** An object with any fields of one kind. */
export function record<Key extends v.GenericSchema<string, string>, Value extends Schema>(key: Key, value: Value) {
  return exceptLists(v.record(key, value, ({ input }) => `must be an object, not ${typeName(input)}`));
}

/** An object with these fields, and perhaps others, of a later version. */
export function openFields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return exceptLists(v.looseObject(entries, ({ expected, input }) => whyNoObject(expected, input)));
}

/** A text of at least one character. */
export const text = v.pipe(v.string('must be a text'), v.minLength(1, 'must not be empty'));

export const flag = v.boolean('must be true or false');

export function integer(min: number, max?: number) {
  const message = `must be a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`;
  const isExact = v.safeInteger<number, string>(
    'must be a whole number that JSON carries exactly, up to 9007199254740991',
  );
  const isWhole = v.pipe(v.number(message), v.integer(message), isExact, v.minValue(min, message));
  return max === undefined ? isWhole : v.pipe(isWhole, v.maxValue(max, message));
}

export function choice<const Choice extends string>(choices: readonly Choice[]) {
  return v.picklist(choices, ({ received }) => unknownName('value', unquote(received), choices));
}

/** A field that may be left out. */
export const optional = v.exactOptional;

export function documented<const Entry extends Schema>(schema: Entry, description: string) {
  return v.pipe(schema, v.description(description));
}

/**
 * Valibot leaves members of these names out of a record, and takes them for fields that every object has: what was written
 * would be lost without a word.
 */
const LOST_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];

export function isLostName(name: string): boolean {
  return LOST_NAMES.includes(name);
}

/** @throws UsageError when a field is wrong; the message begins with `what` and names the first such field */
export function readFields<Value>(schema: v.GenericSchema<unknown, Value>, input: unknown, what: string): Value {
  const lost = lostName(input);
  if (lost !== undefined) throw new UsageError(`${what}: nothing can be named ${lost} here; use another name.`);
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  // A misspelt field is also a missing one; the message about the misspelling is more useful.
  const issue = result.issues.find(({ expected }) => expected === 'never') ?? result.issues[0];
  throw new UsageError(`${what}: ${issueText(issue)}.`);
}

/** What is wrong, and where: `buckets[0].name must be a text`. */
export function issueText(issue: v.BaseIssue<unknown>): string {
  const path = pathOf(issue);
  return path === '' ? issue.message : `${path} ${issue.message}`;
}

/** `buckets[0].name`; for an unknown or a missing field, the path of the object it belongs to. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const isOfAnObject = issue.type === 'strict_object' || issue.type === 'loose_object';
  const isAboutTheField = isOfAnObject && issue.path?.at(-1)?.origin === 'key';
  const isAboutTheKey = isOfAnObject && (issue.expected === 'never' || issue.expected?.startsWith('"'));
  const shown = isAboutTheField || isAboutTheKey ? keys.slice(0, -1) : keys;
  return shown.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${key}`)).join('');
}

/** The first such name in a JSON value, at any depth. */
function lostName(input: unknown): string | undefined {
  const found = new Set([input]);
  // It grows meanwhile: no recursion, because a document may be nested deeper than calls can be.
  for (const value of found) {
    if (typeof value !== 'object' || value === null) continue;
    const lost = Object.keys(value).find(isLostName);
    if (lost !== undefined) return lost;
    for (const inner of Object.values(value)) found.add(inner);
  }
  return undefined;
}

/** In JavaScript a list is an object, too: valibot would read an empty one as an object without fields. */
function exceptLists<Object extends Schema>(schema: Object): Object {
  return {
    ...schema,
    '~run'(dataset, config) {
      if (!Array.isArray(dataset.value)) return schema['~run'](dataset, config);
      v._addIssue(this, 'type', dataset, config);
      return { ...dataset, typed: false };
    },
  };
}

function unquote(received: string): string {
  return received.replace(/^"(.*)"$/s, '$1');
}

function whyNoObject(expected: string | null, input: unknown): string {
  if (expected === 'Object' || expected === null) return `must be an object, not ${typeName(input)}`;
  return `needs the field ${expected}`;
}

function typeName(input: unknown): string {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'a list' : `a ${typeof input}`;
}
