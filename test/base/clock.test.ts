import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ManualClock, startStopwatch, systemClock } from '../../src/base/clock.ts';

describe('ManualClock', () => {
  it('fires what falls due, in order of time, at that time', () => {
    const clock = new ManualClock(1_000);
    const fired: [string, number][] = [];
    const note = (name: string) => () => fired.push([name, clock.now()]);
    clock.setTimeout(note('late'), 300);
    clock.setTimeout(note('early'), 100);
    clock.setTimeout(note('cancelled'), 200).cancel();
    clock.advance(250);
    expect(fired).toEqual([['early', 1_100]]);
    clock.set(1_300);
    expect(fired).toEqual([
      ['early', 1_100],
      ['late', 1_300],
    ]);
  });

  it('fires timers that a timer sets, if they fall due too', () => {
    const clock = new ManualClock(0);
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      if (fired.length < 3) clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    clock.advance(100);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('can go back, which fires nothing', () => {
    const clock = new ManualClock(1_000);
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 1);
    clock.set(0);
    expect(clock.now()).toBe(0);
    expect(fired).toBe(false);
    clock.advance(1);
    expect(fired).toBe(true);
  });

  it('measures how long something took, whatever was done to the time', () => {
    const clock = new ManualClock(1_000);
    const passedMs = startStopwatch(clock);
    clock.advance(30);
    clock.set(0);
    expect(passedMs()).toBe(30);
    clock.advance(12);
    expect([clock.now(), passedMs()]).toEqual([12, 42]);
  });
});

it('the system clock keeps delays longer than those of Node', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const delayMs = 30 * 24 * 3_600_000;
  const fired: string[] = [];
  systemClock.setTimeout(() => fired.push('kept'), delayMs);
  const cancelled = systemClock.setTimeout(() => fired.push('cancelled'), delayMs);
  vi.advanceTimersByTime(delayMs - 1);
  cancelled.cancel();
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(fired).toEqual(['kept']);
});
