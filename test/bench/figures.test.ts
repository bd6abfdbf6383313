import { expect, it } from 'vitest';
import { median, percentile, spread } from '../../scripts/bench/figures.ts';

it.each([
  { values: [3], middle: 3, apart: undefined },
  { values: [10, 11], middle: 10.5, apart: 1 / 10.5 },
  { values: [9, 1, 10], middle: 9, apart: 1 },
  { values: [90, 110, 100], middle: 100, apart: 0.2 },
  { values: [500, 90, 110, 1], middle: 100, apart: 0.2 },
  { values: [99, 0, 101, 100, 900], middle: 100, apart: 0.02 },
  { values: [5, 1, 8, 2, 7, 3, 6, 4], middle: 4.5, apart: 3 / 4.5 },
  { values: [0, 0, 0], middle: 0, apart: 0 },
  { values: [Number.NaN, Number.NaN], middle: Number.NaN, apart: Number.NaN },
  { values: [0, 0, 1], middle: 0, apart: Number.POSITIVE_INFINITY },
])('the median of $values is $middle', ({ values, middle, apart }) => {
  expect(median(values)).toBe(middle);
  expect(spread(values)).toBe(apart);
});

it('a percentile is one of the values', () => {
  const values = Array.from({ length: 200 }, (_, n) => 200 - n);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 101, 199, 200]);
});
