import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { ClockState } from '../../../src/console/api-client.ts';
import { runningTime } from '../../../src/console/state/running-time.ts';

/** A state of the emulator's clock. */
function clockAt(nowMs: number, frozen: boolean): ClockState {
  return { now: new Date(nowMs).toISOString(), nowMs, frozen, offsetMs: 0 };
}

it('runs with the clock of the browser, and stands still while the clock of the emulator is frozen', () => {
  const clock = new ManualClock(0);
  const state = signal<ClockState>();
  const nowMs = runningTime(state, clock);
  expect(nowMs.value).toBeUndefined();
  state.value = clockAt(5_000, false);
  clock.advance(1_000);
  expect(nowMs.value).toBe(6_000);
  state.value = clockAt(9_000, true);
  clock.advance(1_000);
  expect(nowMs.value).toBe(9_000);
});
