import { expect, it } from 'vitest';
import { recordedTimeMs } from '../../../src/recording/fragments/recorded-time.ts';

const fragment = (startMs: number, durationMs: number) => ({ startMs, durationMs });

it('is from the first start to the last end, gaps included', () => {
  expect(recordedTimeMs([])).toBe(0);
  expect(recordedTimeMs([fragment(7, 5)])).toBe(5);
  expect(recordedTimeMs([fragment(1_000, 5_000), fragment(6_100, 5_000), fragment(20_000, 900)])).toBe(19_900);
});

it('takes the length of a fragment after which the clock was set back', () => {
  const before = [fragment(100_000, 5_000), fragment(105_000, 5_000)];
  expect(recordedTimeMs([...before, fragment(20_000, 4_000), fragment(24_000, 3_000)])).toBe(17_000);
});
