import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { wait } from '../../src/base/wait.ts';

describe('wait', () => {
  it('ends after so long, by the clock', async () => {
    const clock = new ManualClock(0);
    let ended = false;
    const waiting = wait(clock, 100).then(() => {
      ended = true;
    });
    clock.advance(99);
    await Promise.resolve();
    expect(ended).toBe(false);
    clock.advance(1);
    await waiting;
  });

  it('ends early when the signal aborts, and leaves no timer', async () => {
    const timers = new Set<object>();
    const clock = {
      now: () => 0,
      elapsed: () => 0,
      setTimeout: () => {
        const timer = { cancel: () => timers.delete(timer) };
        timers.add(timer);
        return timer;
      },
    };
    const aborter = new AbortController();
    const waiting = wait(clock, 100, aborter.signal);
    expect(timers.size).toBe(1);
    aborter.abort();
    await waiting;
    expect(timers.size).toBe(0);
  });

  it('may be used by many with one signal, without a warning of Node', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const aborter = new AbortController();
    const all = Array.from({ length: 20 }, () => wait(new ManualClock(0), 100, aborter.signal));
    aborter.abort();
    await Promise.all(all);
    await setImmediate();
    expect(warnings).toEqual([]);
  });

  it('does not begin without a delay, or when the signal has aborted', async () => {
    const clock = new ManualClock(0);
    await wait(clock, 0);
    await wait(clock, -1);
    await wait(clock, 100, AbortSignal.abort());
  });
});
