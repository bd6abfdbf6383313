import { describe, expect, it } from 'vitest';
import type { LifecycleRule } from '../../../src/aliyun/xml/lifecycle-rule.ts';
import { OssError } from '../../../src/base/errors.ts';
import { checkRules, type RuleContext } from '../../../src/oss/lifecycle/check-rules.ts';
import { days, lifecycleRule, noncurrent, toClass } from './rules.ts';

const STRICT: RuleContext = { allowOverlap: false, tracksAccess: false };
const LENIENT: RuleContext = { allowOverlap: true, tracksAccess: false };
const TRACKING: RuleContext = { allowOverlap: false, tracksAccess: true };

function verdict(rules: readonly Partial<LifecycleRule>[], context = STRICT): string {
  try {
    checkRules(
      rules.map((rule, at) => lifecycleRule({ id: `rule${at}`, ...rule })),
      context,
    );
  } catch (error) {
    if (error instanceof OssError) return [error.code, error.ec].join(' ').trim();
    throw error;
  }
  return 'good';
}

const DELETE_MARKER = { expiredObjectDeleteMarker: true };
const BEFORE = { kind: 'created-before', dateMs: Date.UTC(2020, 0, 1) } as const;
const TAG = { key: 'k', value: 'v' };

describe('one rule', () => {
  it.each<[string, Partial<LifecycleRule>]>([
    ['expires', { expiration: { when: days(1) } }],
    ['changes the class and expires', { expiration: { when: days(357) }, transitions: [toClass('IA', days(356))] }],
    [
      'changes the class and expires by dates, in any order (oss2)',
      {
        expiration: { when: { kind: 'created-before', dateMs: 0 } },
        transitions: [toClass('IA', BEFORE)],
        tags: [TAG],
      },
    ],
    [
      'expires by a date and aborts uploads by days (oss2)',
      { expiration: { when: BEFORE }, abortMultipartUpload: days(3) },
    ],
    ['goes down the ladder', { transitions: [toClass('IA', days(1)), toClass('DeepColdArchive', days(2))] }],
    ['goes down the ladder, in another order', { transitions: [toClass('Archive', days(2)), toClass('IA', days(1))] }],
    ['removes delete markers', { expiration: DELETE_MARKER, noncurrentExpirationDays: 30 }],
    ['leaves out objects with a tag', { expiration: { when: days(1) }, filter: { not: { prefix: '', tag: TAG } } }],
    [
      'leaves out a folder, of a range of sizes',
      {
        prefix: 'a',
        transitions: [toClass('IA', days(1))],
        filter: { objectSizeGreaterThan: 1, objectSizeLessThan: 9, not: { prefix: 'a1' } },
      },
    ],
  ])('is good that %s', (_what, rule) => {
    expect(verdict([rule])).toBe('good');
  });

  it.each<[string, Partial<LifecycleRule>, string]>([
    ['does nothing', {}, 'InvalidRequest 0014-00000026'],
    ['aborts uploads by a tag', { tags: [TAG], abortMultipartUpload: days(1) }, 'InvalidRequest 0014-00000027'],
    ['removes delete markers by a tag', { tags: [TAG], expiration: DELETE_MARKER }, 'InvalidRequest 0014-00000027'],
    [
      'leaves out what it does not include',
      { prefix: 'test', expiration: { when: days(1) }, filter: { not: { prefix: 'log' } } },
      'InvalidArgument 0014-00000035',
    ],
    [
      'leaves out everything',
      { prefix: 'test', expiration: { when: days(1) }, filter: { not: { prefix: 'test' } } },
      'InvalidArgument 0014-00000035',
    ],
    [
      'leaves out its own tag',
      { tags: [TAG], expiration: { when: days(1) }, filter: { not: { prefix: '', tag: TAG } } },
      'InvalidArgument 0014-00000036',
    ],
    [
      'leaves out small files twice',
      { transitions: [toClass('IA', days(1), { allowSmallFile: true })], filter: { objectSizeLessThan: 9 } },
      'InvalidRequest 0014-00000054',
    ],
    ['aborts uploads but some', { abortMultipartUpload: days(1), filter: { not: { prefix: 'a' } } }, 'InvalidRequest'],
    [
      'removes delete markers by size',
      { expiration: DELETE_MARKER, filter: { objectSizeGreaterThan: 1, objectSizeLessThan: 9 } },
      'InvalidRequest',
    ],
    [
      'mixes days and dates',
      { expiration: { when: BEFORE }, transitions: [toClass('IA', days(356))] },
      'InvalidRequest',
    ],
    [
      'expires before it changes the class',
      { expiration: { when: days(3) }, transitions: [toClass('IA', days(4))] },
      'InvalidArgument',
    ],
    [
      'expires as it changes the class',
      { expiration: { when: days(4) }, transitions: [toClass('IA', days(4))] },
      'InvalidArgument',
    ],
    ['archives twice', { transitions: [toClass('Archive', days(1)), toClass('Archive', days(9))] }, 'InvalidArgument'],
    ['archives before IA', { transitions: [toClass('IA', days(5)), toClass('Archive', days(2))] }, 'InvalidArgument'],
    [
      'archives old versions before IA',
      { noncurrentTransitions: [noncurrent('IA', 20), noncurrent('Archive', 12)] },
      'InvalidArgument',
    ],
    [
      'expires old versions before it changes their class',
      { noncurrentTransitions: [noncurrent('IA', 20)], noncurrentExpirationDays: 20 },
      'InvalidArgument',
    ],
    [
      'needs times of access that are not known',
      { transitions: [toClass('IA', days(1), { isAccessTime: true })] },
      'InvalidRequest 0014-00000016',
    ],
  ])('is refused that %s', (_what, rule, expected) => {
    expect(verdict([rule])).toBe(expected);
  });

  it('may go by access time where that is known, in days and not too cold', () => {
    const byAccess = { isAccessTime: true };
    // Days since the last access and since the last change cannot be compared (oss2's test).
    const both = [toClass('Archive', days(355)), toClass('IA', days(356), byAccess)];
    expect(verdict([{ transitions: both }], TRACKING)).toBe('good');
    expect(verdict([{ transitions: [toClass('IA', BEFORE, byAccess)] }], TRACKING)).toBe(
      'InvalidRequest 0014-00000047',
    );
    expect(verdict([{ transitions: [toClass('ColdArchive', days(1), byAccess)] }], TRACKING)).toBe(
      'InvalidArgument 0014-00000051',
    );
  });
});

describe('several rules', () => {
  const expiration = { when: days(10) };
  const sameAction = 'InvalidRequest 0014-00000084';

  it('have different ids', () => {
    const rules = [
      { id: 'abc', prefix: 'a', expiration },
      { id: 'abc', prefix: 'b', expiration },
    ];
    expect(verdict(rules)).toBe('InvalidArgument 0014-00000020');
  });

  it('have different prefixes, none within another for the same action', () => {
    const rules = [
      { prefix: 'a', expiration },
      { prefix: 'b/c', expiration },
      { prefix: 'b/d', expiration },
    ];
    expect(verdict(rules)).toBe('good');
    expect(verdict([...rules, { prefix: 'b/', expiration }])).toBe(sameAction);
    expect(verdict([...rules, { prefix: '', expiration }])).toBe(sameAction);
    expect(verdict([...rules, { prefix: 'b', expiration: DELETE_MARKER }])).toBe(sameAction);
    expect(verdict([...rules, { prefix: 'b', noncurrentExpirationDays: 1 }])).toBe('good');
  });

  it('name the action that overlaps', () => {
    const rules = [
      lifecycleRule({ id: '1', prefix: '前缀/', expiration }),
      lifecycleRule({ id: '2', prefix: '前缀/2', expiration }),
    ];
    expect(() => checkRules(rules, STRICT)).toThrow('Overlap for same action type Expiration');
  });

  it('do not have the same prefix, be it for different actions', () => {
    const rules = [
      { prefix: 'test', expiration: { when: days(200) } },
      { prefix: 'test', transitions: [toClass('IA', days(100))] },
    ];
    expect(verdict(rules)).toBe('InvalidRequest 0014-00000085');
    expect(verdict(rules, LENIENT)).toBe('good');
  });

  it('do not contradict each other where their prefixes overlap', () => {
    const rules = [
      { prefix: 'test', transitions: [toClass('IA', days(120))] },
      { prefix: 'test/log', transitions: [toClass('Archive', days(60))] },
    ];
    expect(verdict(rules)).toBe('InvalidArgument 0014-00000082');
    expect(verdict(rules, LENIENT)).toBe('good');
  });

  it('may overlap when the request says so, but never for multipart uploads', () => {
    expect(verdict([{ expiration }, { prefix: 'a', expiration }], LENIENT)).toBe('good');
    const aborts = [
      { prefix: 'Prefix', abortMultipartUpload: days(30) },
      { prefix: 'Prefix/Sub', expiration },
      { prefix: 'Prefix/SubPrefix', abortMultipartUpload: days(40) },
    ];
    expect(verdict(aborts, LENIENT)).toBe(sameAction);
    expect(verdict(aborts.slice(1), LENIENT)).toBe('good');
  });
});
