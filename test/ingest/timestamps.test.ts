import { describe, expect, it } from 'vitest';
import { Timestamps } from '../../src/ingest/timestamps.ts';

describe('Timestamps', () => {
  it('passes on a stream that behaves', () => {
    const timestamps = new Timestamps();
    expect(timestamps.next('video', 86_400_000)).toEqual({ dtsMs: 86_400_000 });
    expect(timestamps.next('audio', 86_400_000)).toEqual({ dtsMs: 86_400_000 });
    expect(timestamps.next('video', 86_400_040)).toEqual({ dtsMs: 86_400_040 });
  });

  it('goes on beyond 2^32', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 2 ** 32 - 20);
    expect(timestamps.next('video', 20)).toEqual({ dtsMs: 2 ** 32 + 20 });
    expect(timestamps.next('audio', 2 ** 32 - 5)).toEqual({ dtsMs: 2 ** 32 - 5 });
    expect(timestamps.next('video', 60)).toEqual({ dtsMs: 2 ** 32 + 60 });
  });

  it('reports a jump, and goes on from there', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 50_000);
    expect(timestamps.next('video', 1_000)).toEqual({ dtsMs: 1_000, jumpMs: -49_000 });
    expect(timestamps.next('video', 1_040)).toEqual({ dtsMs: 1_040 });
    expect(timestamps.next('video', 20_000)).toEqual({ dtsMs: 20_000, jumpMs: 18_960 });
  });

  it('takes a second back and ten seconds forward as jitter and pause', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 50_000);
    expect(timestamps.next('audio', 49_000)).toEqual({ dtsMs: 49_000 });
    expect(timestamps.next('video', 59_000)).toEqual({ dtsMs: 59_000 });
  });

  it('never repeats a time within a track', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 100);
    expect(timestamps.next('video', 100)).toEqual({ dtsMs: 101 });
    expect(timestamps.next('video', 90)).toEqual({ dtsMs: 102 });
    expect(timestamps.next('video', 140)).toEqual({ dtsMs: 140 });
  });
});
