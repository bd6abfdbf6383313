import { describe, expect, it } from 'vitest';
import { checkConditions, readConditions } from '../../../src/storage/objects/conditions.ts';

const OBJECT = { etag: 'ABC', lastModifiedMs: Date.UTC(2025, 0, 1) + 500 };
const DATE = 'Wed, 01 Jan 2025 00:00:00 GMT';
const EARLIER = 'Tue, 31 Dec 2024 23:59:59 GMT';

function outcome(headers: Record<string, string>): string {
  try {
    checkConditions(readConditions(new Map(Object.entries(headers))), OBJECT);
    return 'ok';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

describe('conditions', () => {
  it.each([
    [{}, 'ok'],
    [{ 'if-match': '"ABC"' }, 'ok'],
    [{ 'if-match': 'abc' }, 'ok'],
    [{ 'if-match': '"X", "ABC"' }, 'ok'],
    [{ 'if-match': '*' }, 'ok'],
    [{ 'if-match': '"X"' }, 'PreconditionFailed'],
    [{ 'if-none-match': 'W/"ABC"' }, 'NotModified'],
    [{ 'if-none-match': '"X"' }, 'ok'],
    [{ 'if-modified-since': DATE }, 'NotModified'],
    [{ 'if-modified-since': EARLIER }, 'ok'],
    [{ 'if-unmodified-since': DATE }, 'ok'],
    [{ 'if-unmodified-since': EARLIER }, 'PreconditionFailed'],
    [{ 'if-modified-since': 'soon', 'if-unmodified-since': 'late' }, 'ok'],
    // With a tag the date is ignored; a failed precondition comes before "not modified".
    [{ 'if-none-match': '"X"', 'if-modified-since': DATE }, 'ok'],
    [{ 'if-match': '"ABC"', 'if-unmodified-since': EARLIER }, 'ok'],
    [{ 'if-match': '"X"', 'if-none-match': '"ABC"' }, 'PreconditionFailed'],
  ])('%j: %s', (headers, expected) => {
    expect(outcome(headers)).toBe(expected);
  });

  it('of a copy have a prefix of their own', () => {
    const headers = new Map([['x-oss-copy-source-if-match', '"X"']]);
    expect(() => checkConditions(readConditions(headers), OBJECT)).not.toThrow();
    expect(() => checkConditions(readConditions(headers, 'x-oss-copy-source-if-'), OBJECT)).toThrow();
  });
});
