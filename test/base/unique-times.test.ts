import { expect, it } from 'vitest';
import { UniqueTimes } from '../../src/base/unique-times.ts';

it('gives the time of the clock, and the next one while that is given', () => {
  const times = new UniqueTimes();
  expect([5, 5, 5, 6, 9, 9].map((nowMs) => times.next(nowMs))).toEqual([5, 6, 7, 8, 9, 10]);
});

it('follows a clock that was set back', () => {
  const times = new UniqueTimes();
  expect([100, 100, 20, 20, 21].map((nowMs) => times.next(nowMs))).toEqual([100, 101, 20, 21, 22]);
});

it('knows what others have taken', () => {
  const times = new UniqueTimes();
  times.next(5);
  times.taken(5, 9);
  times.taken(50, 60);
  expect([5, 50].map((nowMs) => times.next(nowMs))).toEqual([10, 50]);
});
