import { describe, expect, it } from 'vitest';
import { OssError } from '../../../src/base/errors.ts';
import { checkPostPolicy, checkSize } from '../../../src/oss/form/post-policy.ts';

const NOW_MS = Date.UTC(2025, 0, 1);
const LATER = '2025-01-01T01:00:00.000Z';

function check(policy: unknown, fields: Readonly<Record<string, string>> = {}, nowMs = NOW_MS) {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  const encoded = Buffer.from(text).toString('base64');
  return checkPostPolicy(new Map([...Object.entries(fields), ['policy', encoded]]), 'examplebucket', nowMs);
}

function refusalOf(act: () => unknown): readonly (string | number | undefined)[] {
  try {
    act();
  } catch (error) {
    if (error instanceof OssError) return [error.status, error.code, error.ec];
    throw error;
  }
  return [];
}

describe('conditions of a policy', () => {
  const fields = {
    key: 'user/eric/a.jpg',
    'content-type': 'image/jpeg',
    success_action_status: '200',
    'x-oss-meta-a': 'é',
  };

  it.each([
    [{ bucket: 'examplebucket' }],
    [{ key: 'user/eric/a.jpg' }],
    [['eq', '$key', 'user/eric/a.jpg']],
    [['eq', 'success_action_status', '200']],
    [['eq', '$success_action_status', 200]],
    [['starts-with', '$key', 'user/eric/']],
    [['starts-with', '$Key', '']],
    [['in', '$content-type', ['image/jpg', 'image/jpeg']]],
    [['not-in', '$Content-Type', ['text/html']]],
    [{ 'x-oss-meta-a': 'é' }],
  ])('%j holds', (condition) => {
    expect(() => check({ expiration: LATER, conditions: [condition] }, fields)).not.toThrow();
  });

  it.each([
    [{ bucket: 'other' }, '["eq", "$bucket", "other"]', '0006-00000227'],
    [['eq', '$success_action_status', '201'], '["eq", "$success_action_status", "201"]', '0006-00000227'],
    [['starts-with', '$key', 'x'], '["starts-with", "$key", "x"]', '0006-00000227'],
    [['in', '$content-type', ['a']], '["in", "$content-type", ["a"]]', '0006-00000227'],
    [['not-in', '$content-type', ['image/jpeg']], '["not-in", "$content-type", ["image/jpeg"]]', '0006-00000227'],
    [['eq', '$cache-control', 'no-cache'], '["eq", "$cache-control", "no-cache"]', '0006-00000226'],
  ])('%j fails', (condition, shown, ec) => {
    const act = () => check({ expiration: LATER, conditions: [condition] }, fields);
    expect(refusalOf(act)).toEqual([403, 'AccessDenied', ec]);
    expect(act).toThrow(`Invalid according to Policy: Policy Condition failed: ${shown}`);
  });

  it('may write a dollar sign as an escape', () => {
    const policy = String.raw`{"expiration":"${LATER}","conditions":[["eq","\$key","a\\\$b"]]}`;
    expect(() => check(policy, { key: 'a\\$b' })).not.toThrow();
  });

  it('of sizes hold all together', () => {
    const conditions = [
      ['content-length-range', 0, 10],
      ['content-length-range', 2, 20],
      ['content-length-range', 1, 15],
    ];
    expect(check({ expiration: LATER, conditions })).toEqual({ min: 2, max: 10 });
  });
});

describe('a policy is refused', () => {
  it.each([
    ['{}', '0006-00000209'],
    [{ conditions: [] }, '0006-00000208'],
    [{ expiration: LATER }, '0006-00000207'],
    [{ expiration: 123, conditions: [] }, '0006-00000210'],
    [{ expiration: '', conditions: [] }, '0006-00000211'],
    [{ expiration: '2025-01-01 01:00:00', conditions: [] }, '0006-00000212'],
    [{ expiration: '2025-13-45T01:00:00Z', conditions: [] }, '0006-00000212'],
    [{ expiration: '2031-02-30T01:00:00Z', conditions: [] }, '0006-00000212'],
    [{ expiration: LATER, conditions: {} }, '0006-00000201'],
    [{ expiration: LATER, conditions: [['$key']] }, '0006-00000216'],
    [{ expiration: LATER, conditions: [123] }, '0006-00000222'],
    [{ expiration: LATER, conditions: [{}] }, '0006-00000201'],
    [{ expiration: LATER, conditions: [{ a: 'b', c: 'd' }] }, '0006-00000201'],
    [{ expiration: LATER, conditions: [['in', '$key', 'a']] }, '0006-00000201'],
    [{ expiration: LATER, conditions: [['eq', '$key', ['a']]] }, '0006-00000201'],
    [{ expiration: LATER, conditions: [['content-length-range', 20, 10]] }, '0006-00000219'],
    [{ expiration: LATER, conditions: [['content-length-range', 10, 'test']] }, '0006-00000221'],
    [{ expiration: LATER, conditions: [['content-length-range', -1, 10]] }, '0006-00000221'],
    ['{"expiration"', '0006-00000204'],
    ['[]', '0006-00000204'],
    [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, '0006-00000204'],
  ])('%# with its EC', (policy, ec) => {
    expect(refusalOf(() => check(policy))).toEqual([400, 'InvalidPolicyDocument', ec]);
  });

  it('when it is not Base64, or not UTF-8', () => {
    const raw = (policy: string) => refusalOf(() => checkPostPolicy(new Map([['policy', policy]]), 'b', NOW_MS));
    expect(raw('{"a":1}')).toEqual([400, 'InvalidPolicyDocument', '0006-00000202']);
    expect(raw(Buffer.from([0xff, 0xfe]).toString('base64'))).toEqual([400, 'InvalidPolicyDocument', '0006-00000203']);
  });

  it('when it has expired', () => {
    const act = () => check({ expiration: LATER, conditions: [] }, {}, Date.parse(LATER) + 1);
    expect(refusalOf(act)).toEqual([403, 'AccessDenied', '0006-00000213']);
    expect(act).toThrow('Invalid according to Policy: Policy expired.');
  });
});

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const _chunk of bytes);
}

describe('the size of a file', () => {
  async function* chunks() {
    yield Buffer.alloc(4);
    yield Buffer.alloc(4);
  }

  it.each([
    [{ min: 0, max: 8 }, 'passes'],
    [{ min: 8, max: 8 }, 'passes'],
    [{ min: 0, max: 7 }, 'EntityTooLarge'],
    [{ min: 9, max: 20 }, 'EntityTooSmall'],
  ])('of 8 bytes in %j: %s', async (range, expected) => {
    const outcome = await drain(checkSize(chunks(), range)).then(
      () => 'passes',
      (error) => error.code,
    );
    expect(outcome).toBe(expected);
  });
});
