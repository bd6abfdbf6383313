import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { ReadSchedule } from '../../src/rtmp/read-schedule.ts';

const MAX_REST_MS = 10_000;
const MIN_REST_MS = 40;

it.each([
  { what: 'nothing is expected', expected: [], restMs: MAX_REST_MS },
  { what: 'a message is expected', expected: [{ inMs: 120, passedMs: 0 }], restMs: 120 },
  { what: 'it was expected a while ago', expected: [{ inMs: 120, passedMs: 50 }], restMs: 70 },
  {
    what: 'it is expected later than the longest rest',
    expected: [{ inMs: 20_000, passedMs: 0 }],
    restMs: MAX_REST_MS,
  },
  { what: 'it is expected sooner than the shortest rest', expected: [{ inMs: 1, passedMs: 0 }], restMs: MIN_REST_MS },
  { what: 'it is due, and looked for once more', expected: [{ inMs: 120, passedMs: 120 }], restMs: MIN_REST_MS },
  { what: 'it has not come', expected: [{ inMs: 120, passedMs: 120 + MIN_REST_MS }], restMs: MAX_REST_MS },
  {
    what: 'another one is expected since',
    expected: [
      { inMs: 120, passedMs: 20 },
      { inMs: 300, passedMs: 0 },
    ],
    restMs: 300,
  },
  {
    what: 'none is expected since',
    expected: [
      { inMs: 120, passedMs: 20 },
      { inMs: Infinity, passedMs: 0 },
    ],
    restMs: MAX_REST_MS,
  },
])('rests for $restMs ms after a read when $what', ({ expected, restMs }) => {
  const clock = new ManualClock(0);
  const schedule = new ReadSchedule(clock, MAX_REST_MS);
  for (const { inMs, passedMs } of expected) {
    schedule.readIn(inMs);
    clock.advance(passedMs);
  }
  expect(schedule.restMs(100, false)).toBe(restMs);
});

it('does not rest with one that is watched, has more to give or sends fast', () => {
  const schedule = new ReadSchedule(new ManualClock(0), MAX_REST_MS);
  schedule.readAtOnce(true);
  expect(schedule.restMs(100, false)).toBe(0);
  schedule.readAtOnce(false);
  expect(schedule.restMs(100, true)).toBe(0);
  expect(schedule.restMs(40_000, false)).toBe(0);
  expect(schedule.restMs(30_000, false)).toBe(0);
  expect(schedule.restMs(30_000, false)).toBe(MAX_REST_MS);
});

it('expects nothing for ever, and never rests for less than the shortest rest, in any order of events', () => {
  const event = fc.record({
    inMs: fc.option(fc.oneof(fc.integer({ min: -500, max: 500 }), fc.constant(Infinity)), { nil: undefined }),
    passedMs: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const clock = new ManualClock(0);
      const schedule = new ReadSchedule(clock, MAX_REST_MS);
      for (const { inMs, passedMs } of events) {
        if (inMs !== undefined) schedule.readIn(inMs);
        clock.advance(passedMs);
        const restMs = schedule.restMs(100, false);
        expect(restMs).toBeGreaterThanOrEqual(MIN_REST_MS);
        clock.advance(restMs);
      }
      // Whatever was expected last: one read when it is due, and one more.
      const restsMs = [1, 2, 3].map(() => {
        const restMs = schedule.restMs(100, false);
        clock.advance(restMs);
        return restMs;
      });
      expect(restsMs.at(-1)).toBe(MAX_REST_MS);
    }),
  );
});
