import { expect, it } from 'vitest';
import { oncePerKind } from '../../src/rtmp/skipped-messages.ts';

function collect() {
  const told: [string, string][] = [];
  const skipped = oncePerKind((what, why) => told.push([what, why]));
  return { told, skipped };
}

it('tells the first message of a kind, with its reason', () => {
  const { told, skipped } = collect();
  skipped('a', 'first');
  skipped('a', 'second');
  skipped('b', 'third');
  expect(told).toEqual([
    ['a', 'first'],
    ['b', 'third'],
  ]);
});

it('tells of 16 kinds, with short names', () => {
  const { told, skipped } = collect();
  for (let kind = 0; kind < 100; kind++) skipped(`${kind} ${'x'.repeat(1_000)}`, 'y');
  expect(told.map(([what]) => what.length)).toEqual(Array(16).fill(80));
});
