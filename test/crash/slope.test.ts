import { expect, it } from 'vitest';
import { grows, slopeOf } from '../../scripts/soak/slope.ts';
import { seededRandom } from '../../src/control-plane/faults/random.ts';

const random = seededRandom(1);
const noise = Array.from({ length: 20 }, () => (random() - 0.5) * 20);

it('the slope of a line is that of the line, without a spread', () => {
  const { perStep, mean, spread } = slopeOf([10, 12, 14, 16]);
  expect([perStep, mean]).toEqual([2, 13]);
  expect(spread).toBeCloseTo(0);
});

it('memory that only varies does not grow, and a little more each time does', () => {
  expect(grows(noise.map((sample) => 200 + sample))).toBe(false);
  expect(grows(noise.map((sample, at) => 200 + sample + at * 3))).toBe(true);
  expect(grows(noise.map((_, at) => 200 + at * 0.1))).toBe(false);
});
