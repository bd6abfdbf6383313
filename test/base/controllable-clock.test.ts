import { describe, expect, it } from 'vitest';
import { ManualClock, startStopwatch } from '../../src/base/clock.ts';
import { ControllableClock } from '../../src/base/controllable-clock.ts';
import { EARLIEST_MS, LATEST_MS } from '../../src/base/date-range.ts';
import { UsageError } from '../../src/base/errors.ts';

function clocks(): { base: ManualClock; clock: ControllableClock } {
  const base = new ManualClock(1_000);
  return { base, clock: new ControllableClock(base) };
}

describe('ControllableClock', () => {
  it('runs with the clock below it', () => {
    const { base, clock } = clocks();
    let firedMs = 0;
    clock.setTimeout(() => {
      firedMs = clock.now();
    }, 100);
    base.advance(100);
    expect(firedMs).toBe(1_100);
    expect(clock.offsetMs).toBe(0);
  });

  it('stands still while frozen, and runs on from there', () => {
    const { base, clock } = clocks();
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.now()), 100);
    base.advance(60);
    clock.freeze();
    base.advance(1_000);
    expect(clock.now()).toBe(1_060);
    clock.setTimeout(() => fired.push(clock.now()), 50);
    clock.resume();
    expect(clock.offsetMs).toBe(-1_000);
    base.advance(39);
    expect(fired).toEqual([]);
    base.advance(11);
    expect(fired).toEqual([1_100, 1_110]);
  });

  it('fires what falls due on the way, in order, each at its time, running or frozen', async () => {
    for (const frozen of [true, false]) {
      const { clock } = clocks();
      if (frozen) clock.freeze();
      const fired: [string, number][] = [];
      const note = (name: string) => () => fired.push([name, clock.now()]);
      clock.setTimeout(note('late'), 300);
      clock.setTimeout(note('early'), 100);
      clock.setTimeout(note('cancelled'), 200).cancel();
      await clock.advance(250);
      expect(fired).toEqual([['early', 1_100]]);
      await clock.set(1_300);
      expect(fired.at(-1)).toEqual(['late', 1_300]);
      expect(clock.isFrozen).toBe(frozen);
    }
  });

  it.each([
    ['after the year 9998', (clock: ControllableClock) => clock.set(LATEST_MS + 1)],
    ['before 1970', (clock: ControllableClock) => clock.set(-1)],
    ['that no date has', (clock: ControllableClock) => clock.set(8_640_000_000_000_001)],
    ['that is none', (clock: ControllableClock) => clock.set(Number.NaN)],
    ['reached by a step', (clock: ControllableClock) => clock.advance(1e300)],
    ['reached by a step, a little', (clock: ControllableClock) => clock.advance(LATEST_MS)],
    ['reached by an endless step', (clock: ControllableClock) => clock.advance(Number.POSITIVE_INFINITY)],
  ])('refuses a time %s, and stays where it is', async (_what, move) => {
    const { clock } = clocks();
    let fired = 0;
    clock.setTimeout(() => fired++, 10);
    await expect(move(clock)).rejects.toThrow(UsageError);
    expect({ nowMs: clock.now(), fired, isFrozen: clock.isFrozen }).toEqual({
      nowMs: 1_000,
      fired: 0,
      isFrozen: false,
    });
    await clock.set(LATEST_MS);
    expect(clock.now()).toBe(LATEST_MS);
    await clock.set(EARLIEST_MS);
    expect(clock.now()).toBe(EARLIEST_MS);
  });

  it('goes over thousands of years in the steps of ten', async () => {
    const { clock } = clocks();
    const dayMs = 86_400_000;
    let fired = 0;
    const daily = () => {
      fired++;
      clock.setTimeout(daily, dayMs);
    };
    clock.setTimeout(daily, dayMs);
    await clock.set(LATEST_MS);
    expect(fired).toBeGreaterThan(3_600);
    expect(fired).toBeLessThan(3_700);
  });

  it('waits for the effects of a timer before it moves on', async () => {
    const { clock } = clocks();
    const seenMs: number[] = [];
    const tick = async () => {
      await Promise.resolve();
      seenMs.push(clock.now());
      clock.setTimeout(tick, 10);
    };
    clock.setTimeout(tick, 10);
    await Promise.all([clock.advance(20), clock.advance(15)]);
    expect(seenMs).toEqual([1_010, 1_020, 1_030]);
    expect(clock.now()).toBe(1_035);
  });

  it('goes back without firing; delays keep their length', async () => {
    const { base, clock } = clocks();
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 100);
    await clock.set(0);
    base.advance(99);
    expect([clock.now(), fired]).toEqual([99, false]);
    base.advance(1);
    expect(fired).toBe(true);
  });

  it('measures what passes, running or moved, and not where it is set back', async () => {
    const { base, clock } = clocks();
    const passedMs = startStopwatch(clock);
    base.advance(10);
    await clock.advance(3_600_000);
    await clock.set(0);
    base.advance(5);
    expect([clock.now(), passedMs()]).toEqual([5, 3_600_015]);
    clock.freeze();
    base.advance(1_000);
    await clock.advance(7);
    expect([clock.now(), passedMs()]).toEqual([12, 3_600_022]);
    await clock.set(1);
    clock.reset();
    base.advance(3);
    expect([clock.now(), passedMs()]).toEqual([base.now(), 3_600_025]);
  });

  it('keeps delays when the clock of the machine is set back', async () => {
    const { base, clock } = clocks();
    const fired: string[] = [];
    const passedMs = startStopwatch(clock);
    clock.setTimeout(() => fired.push('first'), 100);
    clock.setTimeout(() => fired.push('second'), 200);
    base.set(0);
    base.advance(100);
    expect([clock.now(), passedMs(), fired]).toEqual([100, 100, ['first']]);
    await clock.advance(100);
    expect([clock.now(), passedMs(), fired]).toEqual([200, 200, ['first', 'second']]);
  });

  it('resets to the clock below, whatever was done to it, and ends a move', async () => {
    const { base, clock } = clocks();
    await clock.advance(5_000);
    clock.freeze();
    let firedMs = 0;
    clock.setTimeout(() => {
      firedMs = clock.now();
    }, 100);
    clock.reset();
    expect([clock.now(), clock.isFrozen]).toEqual([1_000, false]);
    base.advance(100);
    expect(firedMs).toBe(1_100);

    clock.setTimeout(() => clock.reset(), 10);
    await clock.advance(1_000);
    expect(clock.offsetMs).toBe(0);
  });
});
