import { describe, expect, it } from 'vitest';
import { nearest, unknownName } from '../../src/base/nearest.ts';

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

describe('an unknown name', () => {
  it('is answered with the one that was meant, or with all', () => {
    expect(unknownName('field', 'bukcet', ['channel', 'bucket'])).toBe(
      'unknown field "bukcet" (did you mean "bucket"?)',
    );
    expect(unknownName('field', 'x', ['channel', 'bucket'])).toBe('unknown field "x" (known are channel, bucket)');
  });

  it('among very many is answered with a few that come near', () => {
    const others = Array.from({ length: 160 }, (_, index) => `DescribeSomethingElse${index}`);
    const names = [...others, 'PutLiveChannelStatus', 'PutLiveChannel', 'PutCname'];
    expect(unknownName('operation', 'PutChannel', names)).toMatch(
      /^unknown operation "PutChannel" \(of 163, the nearest are PutLiveChannel, PutCname, PutLiveChannelStatus, \w+, \w+\)$/,
    );
    expect(unknownName('operation', 'x'.repeat(1_000_000), names)).toContain('of 163, the nearest are');
  });
});
