import { describe, expect, it } from 'vitest';
import { FrameTimes } from '../../../src/watch/audio/frame-times.ts';

describe('FrameTimes', () => {
  it('knows nothing before the first frame', () => {
    expect(new FrameTimes(48_000).ticksAt(0)).toBeUndefined();
  });

  it('counts from the frame a position is in', () => {
    const times = new FrameTimes(48_000);
    for (const dtsMs of [100, 121, 5000]) times.add(dtsMs);
    expect(times.ticksAt(-312)).toBe(4800 - 312);
    expect(times.ticksAt(648)).toBe(4800 + 648);
    expect(times.ticksAt(1024)).toBe(121 * 48);
    expect(times.ticksAt(2047)).toBe(121 * 48 + 1023);
    expect(times.ticksAt(2048)).toBe(240_000);
    expect(times.ticksAt(9999)).toBe(240_000 + 9999 - 2048);
  });

  it('measures frames by the rate of their stream', () => {
    const times = new FrameTimes(44_100);
    for (let frame = 0; frame < 442; frame++) times.add(frame);
    // 441 frames are 10.24 s, to the tick.
    expect(times.ticksAt(491_519)).toBeCloseTo(440 * 48 + 1113.56, 1);
    expect(times.ticksAt(491_520)).toBeCloseTo(441 * 48, 1);
  });

  it('forgets frames of which nothing comes', () => {
    const times = new FrameTimes(48_000);
    for (let frame = 0; frame < 5000; frame++) times.add(1000 + frame * 30);
    const kept = 5000 - 1024;
    expect(times.ticksAt(0)).toBe((1000 + kept * 30) * 48 - kept * 1024);
  });
});
