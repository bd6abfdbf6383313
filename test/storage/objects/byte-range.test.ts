import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectRange } from '../../../src/storage/objects/byte-range.ts';

describe('selectRange of 1000 bytes', () => {
  it.each([
    ['bytes=0-499', [0, 499], [0, 499]],
    ['bytes=-500', [500, 999], [500, 999]],
    ['bytes=500-', [500, 999], [500, 999]],
    ['bytes=0-0', [0, 0], [0, 0]],
    ['bytes=0-499,500-999', [0, 499], [0, 499]],
    ['bytes=0-1000', undefined, [0, 999]],
    ['bytes=-2000', undefined, [0, 999]],
    ['bytes=1000-2000', undefined, 'InvalidRange'],
    ['bytes=1000-', undefined, 'InvalidRange'],
    ['bytes=-0', undefined, 'InvalidRange'],
    ['byte=0-499', undefined, undefined],
    ['bytes=5-2', undefined, undefined],
    ['bytes=-', undefined, undefined],
    ['bytes=a-b', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s', (header, plain, standard) => {
    const range = (pair: unknown) => (Array.isArray(pair) ? { start: pair[0], end: pair[1] } : undefined);
    expect(selectRange(header, 1000, false)).toEqual(range(plain));
    if (standard === 'InvalidRange') {
      expect(() => selectRange(header, 1000, true)).toThrow(expect.objectContaining({ code: 'InvalidRange' }));
    } else {
      expect(selectRange(header, 1000, true)).toEqual(range(standard));
    }
  });

  it('never leaves the object', () => {
    const part = fc.oneof(fc.constant(''), fc.nat(2000).map(String));
    fc.assert(
      fc.property(part, part, fc.nat(1000), (first, last, sizeBytes) => {
        const range = selectRange(`bytes=${first}-${last}`, sizeBytes, false);
        return !range || (0 <= range.start && range.start <= range.end && range.end < sizeBytes);
      }),
    );
  });
});
