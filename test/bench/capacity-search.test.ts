import { expect, it } from 'vitest';
import { searchCapacity } from '../../scripts/bench/capacity-search.ts';

async function searched(capacity: number, range = { from: 50, most: 1_600 }) {
  const tried: number[] = [];
  const attempt = async (pushes: number) => {
    tried.push(pushes);
    return { isCarried: pushes <= capacity };
  };
  const { carried, exceeded } = await searchCapacity(range, attempt, ({ isCarried }) => isCarried);
  return { carried: carried?.pushes, exceeded: exceeded?.pushes, tried };
}

it.each([
  { capacity: 1, tried: [50, 25, 12, 6, 3, 1, 2] },
  { capacity: 30, tried: [50, 25, 37, 31, 28, 29] },
  { capacity: 100, tried: [50, 100, 200, 150, 125, 112, 106] },
  { capacity: 777, tried: [50, 100, 200, 400, 800, 600, 700, 750] },
])('a capacity of $capacity is found within a tenth', async ({ capacity, tried }) => {
  const found = await searched(capacity);
  expect(found.tried).toEqual(tried);
  expect(found.carried).toBeLessThanOrEqual(capacity);
  expect(found.exceeded).toBeGreaterThan(capacity);
  expect((found.exceeded ?? 0) - (found.carried ?? 0)).toBeLessThanOrEqual(Math.max(1, 0.1 * capacity));
});

it.each([
  { what: 'none are carried', capacity: 0, range: { from: 4, most: 1_600 }, carried: undefined, exceeded: 1 },
  { what: 'all that may be tried are carried', capacity: 9_999, range: { from: 50, most: 130 }, carried: 130 },
  { what: 'fewer may be tried than it begins with', capacity: 9_999, range: { from: 50, most: 10 }, carried: 10 },
])('the search ends when $what', async ({ capacity, range, carried, exceeded }) => {
  expect(await searched(capacity, range)).toMatchObject({ carried, exceeded });
});
