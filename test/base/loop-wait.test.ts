import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { LoopWait } from '../../src/base/loop-wait.ts';

const PAUSE_MS = 1_000;
const TURNS = 10;

/** Every turn of the loop takes as long as is said. */
function startLoopWait(isUsed?: () => boolean) {
  const clock = new ManualClock(0);
  let turnMs = 0;
  const loopWait = new LoopWait({
    clock,
    turn: async () => {
      await undefined;
      clock.advance(turnMs);
    },
  });
  const measured: number[] = [];
  loopWait.onMeasured((waitMs) => measured.push(waitMs));
  loopWait.start(isUsed);
  /** Until a measurement with turns of this length has ended. */
  const pass = async (lengthMs: number): Promise<void> => {
    turnMs = lengthMs;
    clock.advance(PAUSE_MS);
    // Of the turns, each of which is awaited.
    for (let tick = 0; tick < 20 * TURNS; tick++) await Promise.resolve();
  };
  return { loopWait, clock, pass, measured };
}

it('ten turns are measured, a second after the measurement before', async () => {
  const { loopWait, pass, measured } = startLoopWait();
  expect(loopWait.latestMs).toBe(0);
  for (const turnMs of [0, 25, 800]) await pass(turnMs);
  expect(measured).toEqual([0, 250, 8_000]);
  expect(loopWait.latestMs).toBe(8_000);
});

it.each([
  { turnMs: 199, turns: 10 },
  { turnMs: 250, turns: 8 },
  { turnMs: 700, turns: 3 },
  { turnMs: 60_000, turns: 3 },
])('a measurement of turns of $turnMs ms ends after $turns', async ({ turnMs, turns }) => {
  const { clock, pass, measured } = startLoopWait();
  await pass(turnMs);
  expect(measured).toEqual([TURNS * turnMs]);
  expect(clock.elapsed()).toBe(PAUSE_MS + turns * turnMs);
});

it('it is measured every five seconds while nobody is there', async () => {
  let isUsed = false;
  const { pass, measured } = startLoopWait(() => isUsed);
  for (let second = 1; second < 5; second++) await pass(0);
  expect(measured).toEqual([]);
  isUsed = true;
  await pass(0);
  expect(measured).toHaveLength(1);
  await pass(0);
  expect(measured).toHaveLength(2);
});

it('nothing is measured after the end', async () => {
  const { loopWait, pass, measured } = startLoopWait();
  loopWait.stop();
  await pass(1_000);
  expect(measured).toEqual([]);
});

it('nothing is told of a measurement that the end came into', async () => {
  const { loopWait, clock, measured } = startLoopWait();
  clock.advance(PAUSE_MS);
  loopWait.stop();
  for (let tick = 0; tick < 20 * TURNS; tick++) await Promise.resolve();
  expect(measured).toEqual([]);
});
