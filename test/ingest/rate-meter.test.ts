import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../src/ingest/rate-meter.ts';

describe('RateMeter', () => {
  it('is 0 until the first second is over', () => {
    const meter = new RateMeter(0);
    meter.add(5_000, 100);
    expect(meter.bytesPerSecond(999)).toBe(0);
    expect(meter.bytesPerSecond(1_000)).toBe(5_000);
  });

  it('averages over the seconds there were, at most ten', () => {
    const meter = new RateMeter(0);
    for (let second = 0; second < 10; second++) meter.add(9_000, second * 1_000);
    expect(meter.bytesPerSecond(10_000)).toBe(9_000);
    for (let second = 10; second < 20; second++) meter.add(1_000, second * 1_000);
    expect(meter.bytesPerSecond(20_000)).toBe(1_000);
    expect(meter.countPerSecond(20_000)).toBe(1);
  });

  it('forgets a stream that stopped', () => {
    const meter = new RateMeter(0);
    meter.add(9_000, 0);
    expect(meter.bytesPerSecond(3_000)).toBe(3_000);
    expect(meter.bytesPerSecond(3_600_000)).toBe(0);
  });
});
