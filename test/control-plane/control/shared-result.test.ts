import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { SharedResult } from '../../../src/control-plane/control/shared-result.ts';

describe('a shared result', () => {
  it('is made once for all who ask meanwhile and soon after, and again for those who ask later', async () => {
    const clock = new ManualClock(0);
    const finish: ((value: number) => void)[] = [];
    const shared = new SharedResult(clock, 2_000, () => new Promise<number>((resolve) => finish.push(resolve)));
    const first = shared.get();
    // The time counts from when it was there.
    clock.advance(60_000);
    const second = shared.get();
    finish[0]?.(1);
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    clock.advance(1_999);
    expect(await shared.get()).toBe(1);
    clock.advance(1);
    const later = shared.get();
    finish[1]?.(2);
    expect([await later, await shared.get(), finish.length]).toEqual([2, 2, 2]);
  });

  it('is a failure for as long', async () => {
    const clock = new ManualClock(0);
    let made = 0;
    const shared = new SharedResult(clock, 2_000, async () => {
      made += 1;
      throw new Error(`failure ${made}`);
    });
    await expect(shared.get()).rejects.toThrow('failure 1');
    await expect(shared.get()).rejects.toThrow('failure 1');
    clock.advance(2_000);
    await expect(shared.get()).rejects.toThrow('failure 2');
  });
});
