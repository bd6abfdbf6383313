import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/base/nearest.ts';

describe('the nearest name', () => {
  it.each([
    ['bukcet', 'bucket'],
    ['Buckets', 'bucket'],
    ['b', undefined],
    ['bucket-of-another', undefined],
  ])('to %s is %s', (name, found) => {
    expect(nearest(name, ['channel', 'bucket'])).toBe(found);
  });

  it('takes no time for a name that is far too long', () => {
    const known = Array.from({ length: 500 }, (_, index) => `${'c'.repeat(1000)}${index}`);
    expect(nearest('c'.repeat(65_536), known)).toBeUndefined();
  });
});
