import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import type { LeftOut, Verdict } from './suite.ts';

const CONDITIONS = { endpoint: 'domain', signature: 'V4' } as const;

function verdict(name: string, failure?: string, refused: readonly string[] = []): Verdict {
  return { name, failure, refused };
}

const STYLES: LeftOut = { kind: 'operation', family: 'styles', tests: ['a'] };
const KMS: LeftOut = { kind: 'service', service: 'KMS', shows: 'kms.', tests: ['a'] };

describe('judge', () => {
  it('sorts into passed and failed', () => {
    expect(judge([verdict('a'), verdict('b', 'no')], [], CONDITIONS)).toEqual({
      passed: ['a'],
      failed: [{ test: 'b', text: 'no' }],
      leftOut: [],
      stale: [],
    });
  });

  it('confirms an operation that was refused', () => {
    const report = judge([verdict('a', 'no', ['PutStyle'])], [STYLES], CONDITIONS);
    expect(report).toEqual({ passed: [], failed: [], leftOut: ['a'], stale: [] });
  });

  it.each([
    ['a test that passes', verdict('a'), STYLES],
    ['a test that does not exist', verdict('b'), STYLES],
    ['another operation', verdict('a', 'no', ['PutBucketPolicy']), STYLES],
    ['no operation', verdict('a', 'no'), STYLES],
    ['a failure without the host of the service', verdict('a', 'no'), KMS],
  ])('finds a stale reason: %s', (_, given, reason) => {
    expect(judge([given], [reason], CONDITIONS).stale).toMatchObject([{ test: 'a' }]);
  });

  it('allows that a test that depends on the load passes', () => {
    const reason: LeftOut = { kind: 'load', needs: 'an idle machine', tests: ['a'] };
    expect(judge([verdict('a')], [reason], CONDITIONS)).toMatchObject({ passed: [], leftOut: ['a'], stale: [] });
  });

  it('leaves out only under the conditions of the reason', () => {
    const reason: LeftOut = { ...KMS, when: { endpoint: 'ip' } };
    expect(judge([verdict('a')], [reason], CONDITIONS)).toMatchObject({ passed: ['a'], leftOut: [], stale: [] });
  });
});
