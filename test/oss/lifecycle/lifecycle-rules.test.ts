import { describe, expect, it } from 'vitest';
import type { LifecycleRule } from '../../../src/aliyun/xml/lifecycle-rule.ts';
import {
  abortsUpload,
  actionFor,
  expirationOf,
  indexRules,
  type LifecycleSubject,
  nextMidnight,
  noncurrentActionFor,
  outermostPrefixes,
  removesDeleteMarker,
} from '../../../src/oss/lifecycle/lifecycle-rules.ts';
import { days, lifecycleRule, noncurrent, toClass } from './rules.ts';

const DAY_MS = 86_400_000;
/** When the objects below were modified: in the middle of a day, which counts as the next midnight. */
const MODIFIED_MS = Date.UTC(2022, 9, 27, 15);
const MIDNIGHT_MS = Date.UTC(2022, 9, 28);

function subject(fields: Partial<LifecycleSubject> & { tagText?: string } = {}): LifecycleSubject {
  const { tagText = '', ...others } = fields;
  return {
    key: 'abc/key',
    type: 'Normal',
    sizeBytes: 1024 * 1024,
    storageClass: 'Standard',
    modifiedMs: MODIFIED_MS,
    accessedMs: others.modifiedMs ?? MODIFIED_MS,
    tags: () => new Map(new URLSearchParams(tagText)),
    ...others,
  };
}

function index(...rules: readonly Partial<LifecycleRule>[]) {
  return indexRules(rules.map((rule, at) => lifecycleRule({ id: `rule${at + 1}`, ...rule })));
}

/** The action of an object, and of none the day before: `delete by rule1`, `IA by rule2`. */
function actionAt(rules: ReturnType<typeof index>, object: LifecycleSubject, atMs: number): string | undefined {
  const action = actionFor(rules, object, atMs);
  if (!action) return undefined;
  return `${action.kind === 'delete' ? 'delete' : action.storageClass} by ${action.ruleId}`;
}

/** The day, counted from the midnight after the modification, on which something is first done, and what. */
function firstAction(rules: ReturnType<typeof index>, object = subject()): string | undefined {
  for (let day = 0; day <= 400; day++) {
    const action = actionAt(rules, object, MIDNIGHT_MS + day * DAY_MS);
    if (action !== undefined) return `day ${day}: ${action}`;
  }
  return undefined;
}

const deleted = (after: number) => ({ expiration: { when: days(after) } });
const archived = (after: number) => ({ transitions: [toClass('Archive', days(after))] });
const infrequent = (after: number) => ({ transitions: [toClass('IA', days(after))] });
const tagged = (key: string, value: string) => ({ tags: [{ key, value }] });

describe('the time of an action', () => {
  it('by days is at the midnight so many days after the next one', () => {
    const rules = index(deleted(1));
    const dueMs = MIDNIGHT_MS + DAY_MS;
    expect(actionAt(rules, subject(), dueMs - 1)).toBeUndefined();
    expect(actionAt(rules, subject(), dueMs)).toBe('delete by rule1');
    const atMidnight = subject({ modifiedMs: MIDNIGHT_MS });
    expect(actionAt(rules, atMidnight, dueMs - 1)).toBeUndefined();
    expect(actionAt(rules, atMidnight, dueMs)).toBe('delete by rule1');
    expect(nextMidnight(dueMs)).toBe(dueMs + DAY_MS);
    expect(nextMidnight(dueMs - 1)).toBe(dueMs);
  });

  it('by CreatedBeforeDate is at once for objects that are older', () => {
    const rules = index({ expiration: { when: { kind: 'created-before', dateMs: MODIFIED_MS } } });
    expect(actionAt(rules, subject({ modifiedMs: MODIFIED_MS - 1 }), MODIFIED_MS)).toBe('delete by rule1');
    expect(actionAt(rules, subject(), MODIFIED_MS + 1000 * DAY_MS)).toBeUndefined();
  });

  it('by Date is from that date on for all objects', () => {
    const rules = index({ expiration: { when: { kind: 'date', dateMs: MIDNIGHT_MS } } });
    expect(actionAt(rules, subject(), MIDNIGHT_MS - 1)).toBeUndefined();
    expect(actionAt(rules, subject({ modifiedMs: MIDNIGHT_MS + 5 }), MIDNIGHT_MS + 6)).toBe('delete by rule1');
  });

  it('by access time counts from the last access', () => {
    const rules = index({ transitions: [toClass('IA', days(3), { isAccessTime: true })] });
    const read = subject({ modifiedMs: MODIFIED_MS - 50 * DAY_MS, accessedMs: MODIFIED_MS });
    expect(firstAction(rules, read)).toBe('day 3: IA by rule1');
  });
});

describe('an object', () => {
  it('is subject to enabled rules with a prefix of its key', () => {
    expect(firstAction(index({ prefix: 'abc', ...deleted(2) }))).toBe('day 2: delete by rule1');
    expect(firstAction(index({ prefix: 'abc/key', ...deleted(2) }))).toBe('day 2: delete by rule1');
    expect(firstAction(index({ prefix: 'abc/key2', ...deleted(2) }))).toBeUndefined();
    expect(firstAction(index({ prefix: 'bc', ...deleted(2) }))).toBeUndefined();
    expect(firstAction(index({ isEnabled: false, ...deleted(2) }))).toBeUndefined();
  });

  it.each([
    ['a=1', undefined],
    ['a=1&b=3', undefined],
    ['a=1&b=2', 'day 2: delete by rule1'],
    ['a=1&b=2&c=3', 'day 2: delete by rule1'],
  ])('with the tags %s has all those of the rule, or not', (tagText, expected) => {
    const tags = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    expect(firstAction(index({ tags, ...deleted(2) }), subject({ tagText }))).toBe(expected);
  });

  it('is within the sizes of the rule, both exclusive', () => {
    const filter = { objectSizeGreaterThan: 100, objectSizeLessThan: 200 };
    const rules = index({ filter, ...deleted(1) });
    const expired = [100, 101, 199, 200].filter((sizeBytes) => firstAction(rules, subject({ sizeBytes })));
    expect(expired).toEqual([101, 199]);
  });

  it('is left out by Not of prefix and tag together', () => {
    const filter = { not: { prefix: 'abc/', tag: { key: 'k', value: 'v' } } };
    const rules = index({ filter, ...deleted(1) });
    expect(firstAction(rules, subject({ tagText: 'k=v' }))).toBeUndefined();
    expect(firstAction(rules, subject({ tagText: 'k=w' }))).toBe('day 1: delete by rule1');
    expect(firstAction(rules, subject({ key: 'b', tagText: 'k=v' }))).toBe('day 1: delete by rule1');
  });

  it('gets colder only', () => {
    const rules = index({ transitions: [toClass('IA', days(5)), toClass('Archive', days(9))] });
    expect(firstAction(rules)).toBe('day 5: IA by rule1');
    expect(firstAction(rules, subject({ storageClass: 'IA' }))).toBe('day 9: Archive by rule1');
    expect(firstAction(rules, subject({ storageClass: 'Archive' }))).toBeUndefined();
    expect(actionAt(rules, subject(), MIDNIGHT_MS + 30 * DAY_MS)).toBe('Archive by rule1');
  });

  it('keeps its class when it is a symlink, too small for the rule, or appendable and the class too cold', () => {
    const rules = index({ transitions: [toClass('ColdArchive', days(1), { allowSmallFile: false })] });
    expect(firstAction(rules)).toBe('day 1: ColdArchive by rule1');
    expect(firstAction(rules, subject({ type: 'Symlink' }))).toBeUndefined();
    expect(firstAction(rules, subject({ type: 'Appendable' }))).toBeUndefined();
    expect(firstAction(rules, subject({ sizeBytes: 65_535 }))).toBeUndefined();
    expect(firstAction(rules, subject({ sizeBytes: 65_536 }))).toBe('day 1: ColdArchive by rule1');
    expect(firstAction(index(archived(1)), subject({ type: 'Appendable' }))).toBe('day 1: Archive by rule1');
  });
});

describe('several rules ("Lifecycle rules based on the last modified time" page)', () => {
  it('delete before they change the class', () => {
    expect(firstAction(index({ prefix: 'abc', ...deleted(20) }, { prefix: 'abc', ...archived(20) }))).toBe(
      'day 20: delete by rule1',
    );
  });

  it('of overlapping prefixes both apply when their actions differ', () => {
    const rules = index(infrequent(10), { prefix: 'abc', ...deleted(120) });
    expect(firstAction(rules)).toBe('day 10: IA by rule1');
    expect(firstAction(rules, subject({ storageClass: 'IA' }))).toBe('day 120: delete by rule2');
    expect(firstAction(rules, subject({ key: 'x', storageClass: 'IA' }))).toBeUndefined();
  });

  it('of overlapping prefixes that with the longest decides about the same action', () => {
    const rules = index(
      { prefix: 'dir1/', ...deleted(180) },
      { prefix: 'dir1/dir2/', ...infrequent(30), ...deleted(60) },
    );
    expect(firstAction(rules, subject({ key: 'dir1/a', storageClass: 'IA' }))).toBe('day 180: delete by rule1');
    expect(firstAction(rules, subject({ key: 'dir1/dir2/a' }))).toBe('day 30: IA by rule2');
    expect(firstAction(rules, subject({ key: 'dir1/dir2/a', storageClass: 'IA' }))).toBe('day 60: delete by rule2');
    const longer = index({ prefix: 'dir1/', ...deleted(10) }, { prefix: 'dir1/dir2/', ...deleted(60) });
    expect(firstAction(longer, subject({ key: 'dir1/dir2/a' }))).toBe('day 60: delete by rule2');
  });

  it('do not make an archived object warmer', () => {
    const rules = index(
      { ...tagged('a', '1'), ...archived(20) },
      { prefix: 'abc', ...tagged('a', '1'), ...infrequent(30) },
    );
    expect(firstAction(rules, subject({ tagText: 'a=1' }))).toBe('day 20: Archive by rule1');
    expect(firstAction(rules, subject({ tagText: 'a=1', storageClass: 'Archive' }))).toBeUndefined();
  });

  it('with Not apply it to themselves only', () => {
    const byFolder = index(
      { prefix: 'dir/', ...deleted(100) },
      { filter: { not: { prefix: 'dir/' } }, ...deleted(50) },
    );
    expect(firstAction(byFolder, subject({ key: 'dir/a' }))).toBe('day 100: delete by rule1');
    expect(firstAction(byFolder, subject({ key: 'a' }))).toBe('day 50: delete by rule2');
    const byTag = index(
      { filter: { not: { prefix: '', tag: { key: 'key1', value: 'value1' } } }, ...deleted(30) },
      { ...tagged('key2', 'value2'), ...deleted(50) },
    );
    const expected = {
      '': 'day 30: delete by rule1',
      'key1=value1': undefined,
      'key2=value2': 'day 30: delete by rule1',
      'key1=value1&key2=value2': 'day 50: delete by rule2',
    };
    const found = Object.fromEntries(
      Object.keys(expected).map((tagText) => [tagText, firstAction(byTag, subject({ tagText }))]),
    );
    expect(found).toEqual(expected);
  });
});

it('a version that is not current is counted from when it was replaced', () => {
  const rules = index({ noncurrentTransitions: [noncurrent('IA', 10)], noncurrentExpirationDays: 30, ...deleted(1) });
  const old = { ...subject({ modifiedMs: 0 }), noncurrentSinceMs: MODIFIED_MS };
  const at = (day: number) => noncurrentActionFor(rules, old, MIDNIGHT_MS + day * DAY_MS);
  expect([at(9), at(10), at(30)]).toEqual([
    undefined,
    { kind: 'transition', ruleId: 'rule1', storageClass: 'IA' },
    { kind: 'delete', ruleId: 'rule1' },
  ]);
});

it('a delete marker is removed by a rule of its key', () => {
  const rules = index({ prefix: 'a', expiration: { expiredObjectDeleteMarker: true } }, { prefix: 'b', ...deleted(1) });
  expect(['a', 'b'].filter((key) => removesDeleteMarker(rules, key))).toEqual(['a']);
});

it('a multipart upload is aborted by a rule of its key, whatever the sizes', () => {
  const rules = index({ prefix: 'a', abortMultipartUpload: days(3) });
  const dueMs = MIDNIGHT_MS + 3 * DAY_MS;
  expect(abortsUpload(rules, 'a', MODIFIED_MS, dueMs - 1)).toBe(false);
  expect(abortsUpload(rules, 'a', MODIFIED_MS, dueMs)).toBe(true);
  expect(abortsUpload(rules, 'b', MODIFIED_MS, dueMs)).toBe(false);
});

it('tells when an object will expire', () => {
  const rules = index({ prefix: 'abc', ...deleted(30), ...infrequent(1) });
  expect(expirationOf(rules, subject())).toEqual({ ruleId: 'rule1', expiresMs: MIDNIGHT_MS + 30 * DAY_MS });
  expect(expirationOf(rules, subject({ key: 'x' }))).toBeUndefined();
  const before = index({ expiration: { when: { kind: 'created-before', dateMs: MIDNIGHT_MS } } });
  expect(expirationOf(before, subject())?.expiresMs).toBe(MIDNIGHT_MS);
  expect(expirationOf(before, subject({ modifiedMs: MIDNIGHT_MS }))).toBeUndefined();
  expect(expirationOf(index(deleted(2 ** 31 - 1)), subject())).toBeUndefined();
});

it('a pass reads only what has a rule, and nothing twice', () => {
  const rules = index(
    { prefix: 'a/b', ...deleted(1) },
    { prefix: 'a/', ...deleted(2) },
    { prefix: 'b', ...infrequent(2) },
    { prefix: 'c', ...deleted(1), isEnabled: false },
  );
  expect(outermostPrefixes(rules, ({ expiration }) => expiration !== undefined)).toEqual(['a/']);
  expect(outermostPrefixes(rules, () => true)).toEqual(['a/', 'b']);
});
