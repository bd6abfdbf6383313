import { describe, expect, it } from 'vitest';
import { parseIsoTime, resolveMoment } from '../../src/base/dates.ts';
import { UsageError } from '../../src/base/errors.ts';

describe('an ISO 8601 time', () => {
  it.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2025-01-01T00:00:00Z', Date.UTC(2025, 0, 1)],
    ['2025-01-01T00:00:00.5+08:00', Date.UTC(2024, 11, 31, 16) + 500],
  ])('%s is read', (text, ms) => {
    expect(parseIsoTime(text)).toBe(ms);
  });

  it.each([
    '',
    '1',
    '12',
    'May 2025',
    '2025-01',
    '2025-02-30',
    '2023-02-29T00:00:00Z',
    '2025-13-01',
    '2025-01-01T25:00:00Z',
  ])('"%s" is none', (text) => {
    expect(parseIsoTime(text)).toBeNaN();
    expect(() => resolveMoment(text, 0)).toThrow(UsageError);
  });
});
