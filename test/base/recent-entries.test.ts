import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentEntries } from '../../src/base/recent-entries.ts';

describe('RecentEntries', () => {
  it('keeps the latest, within the bound on their number', () => {
    const entries = new RecentEntries<string>({ maxEntries: 3, maxBytes: 100 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) entries.add(name, 1);
    expect(entries.latest()).toEqual(['c', 'd', 'e']);
    expect(entries.latest(1)).toEqual(['e']);
    expect(entries.latest(0)).toEqual([]);
    expect(entries.latest(9)).toEqual(['c', 'd', 'e']);
  });

  it('keeps the latest, within the bound on their bytes', () => {
    const entries = new RecentEntries<string>({ maxEntries: 100, maxBytes: 10 });
    expect(entries.add('a', 4)).toEqual([]);
    entries.add('b', 4);
    expect(entries.add('c', 7)).toEqual(['a', 'b']);
    expect(entries.latest()).toEqual(['c']);
    expect(entries.add('too large', 11)).toEqual(['c', 'too large']);
    expect(entries.sizeBytes).toBe(0);
  });

  it('can be emptied from its oldest on, and at once', () => {
    const entries = new RecentEntries<string>({ maxEntries: 3, maxBytes: 10 });
    for (const name of ['a', 'b', 'c', 'd']) entries.add(name, 2);
    expect([entries.shift(), entries.shift(), entries.shift(), entries.shift()]).toEqual(['b', 'c', 'd', undefined]);
    entries.add('e', 2);
    entries.clear();
    expect({ all: entries.latest(), length: entries.length, sizeBytes: entries.sizeBytes }).toEqual({
      all: [],
      length: 0,
      sizeBytes: 0,
    });
  });

  it('is the end of what was added, whatever was added', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 30, max: 200 }),
        (added, most, maxBytes) => {
          const entries = new RecentEntries<number>({ maxEntries: most, maxBytes });
          let expected: { readonly index: number; readonly sizeBytes: number }[] = [];
          const total = () => expected.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          for (const [index, sizeBytes] of added.entries()) {
            entries.add(index, sizeBytes);
            expected = [...expected, { index, sizeBytes }];
            while (expected.length > most || total() > maxBytes) expected.shift();
            expect(entries.latest()).toEqual(expected.map((entry) => entry.index));
            expect(entries.sizeBytes).toBe(total());
          }
        },
      ),
    );
  });
});
