import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { RequestAdmission } from '../../src/http/request-admission.ts';

const MAX_WAIT_MS = 5_000;
const PAUSE_MS = 1_000;
const TURNS = 10;

/** The turns of the loop are as long as is said for each measurement. */
async function startAdmission(maxWaitMs = MAX_WAIT_MS) {
  const clock = new ManualClock(0);
  let turnMs = 0;
  let refused = 0;
  const admission = new RequestAdmission({
    clock,
    maxWaitMs,
    turn: async () => {
      await undefined;
      clock.advance(turnMs);
    },
    onRefused: () => {
      refused += 1;
    },
  });
  admission.start();
  /** `asked` requests come, and then a measurement in which a request would wait for so long. Returns how many were admitted. */
  const pass = async (waitMs: number, asked = 0): Promise<number> => {
    let admitted = 0;
    for (let count = 0; count < asked; count++) if (admission.admit()) admitted += 1;
    turnMs = waitMs / TURNS;
    clock.advance(PAUSE_MS);
    // Of the turns, each of which is awaited.
    for (let tick = 0; tick < 20 * TURNS; tick++) await Promise.resolve();
    return admitted;
  };
  return { admission, clock, pass, refused: () => refused };
}

describe('requests are admitted', () => {
  it('whatever their number, while they need not wait', async () => {
    const { pass, refused } = await startAdmission();
    for (let second = 0; second < 10; second++) expect(await pass(MAX_WAIT_MS, 100_000)).toBe(100_000);
    expect(refused()).toBe(0);
  });

  it('after a long wait, and after a second one: the machine was busy, or asleep', async () => {
    const { pass } = await startAdmission();
    await pass(3_600_000, 100);
    await pass(3_600_000, 100);
    await pass(10, 100);
    await pass(3_600_000, 100);
    expect(await pass(3_600_000, 100)).toBe(100);
  });

  it('by a person who lets them wait', async () => {
    const { pass } = await startAdmission(0);
    for (let second = 0; second < 10; second++) await pass(60_000);
    expect(await pass(60_000, 1_000)).toBe(1_000);
  });
});

describe('requests are refused', () => {
  it('while the wait is too long, more of them as long as it stays so, but never all', async () => {
    const { admission, pass, refused } = await startAdmission();
    for (let count = 0; count < 3; count++) await pass(MAX_WAIT_MS + 10, 100);
    expect(await pass(8_000, 100)).toBe(70);
    expect(await pass(8_000, 100)).toBe(49);
    expect(refused()).toBe(81);
    for (let count = 0; count < 20; count++) await pass(8_000, 100);
    expect(await pass(8_000, 100)).toBe(4);
    expect(admission.waitMs).toBe(8_000);
    expect(admission.retryAfterSec).toBe(8);
  });

  it('fewer of them when the wait has become short, and none when few come', async () => {
    const { pass } = await startAdmission();
    for (let count = 0; count < 3; count++) await pass(8_000, 10);
    expect(await pass(100, 100)).toBe(7);
    expect(await pass(100, 100)).toBe(11);
    expect(await pass(100, 10)).toBe(10);
    expect(await pass(100, 1_000)).toBe(1_000);
  });

  it('with a time to come back at that is neither now nor far away', async () => {
    const { admission, pass } = await startAdmission();
    expect(admission.retryAfterSec).toBe(1);
    await pass(3_600_000);
    expect(admission.retryAfterSec).toBe(30);
  });
});

it('nothing is measured after the end', async () => {
  const { admission, pass, clock } = await startAdmission();
  admission.stop();
  await pass(10_000);
  expect(admission.waitMs).toBe(0);
  expect(clock.elapsed()).toBe(PAUSE_MS);
});
