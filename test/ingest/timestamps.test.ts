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
    expect(timestamps.next('audio', 50_000)).toEqual({ dtsMs: 50_000 });
    expect(timestamps.next('video', 60_000)).toEqual({ dtsMs: 60_000 });
    expect(timestamps.next('video', 59_000)).toEqual({ dtsMs: 60_001 });
    expect(timestamps.next('video', 57_999)).toEqual({ dtsMs: 57_999, jumpMs: -1_001 });
    expect(timestamps.next('video', 68_000)).toEqual({ dtsMs: 68_000, jumpMs: 10_001 });
  });

  it('takes a track up again that was silent for longer than that, where the other one is', () => {
    const timestamps = new Timestamps();
    timestamps.next('audio', 50_000);
    for (const videoMs of [50_000, 58_000, 66_000]) timestamps.next('video', videoMs);
    expect(timestamps.next('audio', 65_900)).toEqual({ dtsMs: 65_900 });
  });

  it('leaves it to the encoder how far its tracks are apart', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 50_000);
    expect(timestamps.next('audio', 48_500)).toEqual({ dtsMs: 48_500 });
    expect(timestamps.next('video', 50_040)).toEqual({ dtsMs: 50_040 });
    expect(timestamps.next('audio', 48_523)).toEqual({ dtsMs: 48_523 });
  });

  it('reports a jump of both tracks once, however far they are apart', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 50_000);
    timestamps.next('audio', 48_000);
    expect(timestamps.next('video', 47_000)).toEqual({ dtsMs: 47_000, jumpMs: -3_000 });
    expect(timestamps.next('audio', 48_023)).toEqual({ dtsMs: 48_023 });
    expect(timestamps.next('audio', 45_046)).toEqual({ dtsMs: 45_046 });
    expect(timestamps.next('video', 47_040)).toEqual({ dtsMs: 47_040 });
    expect(timestamps.next('audio', 3_600_000)).toEqual({ dtsMs: 3_600_000, jumpMs: 3_554_954 });
    expect(timestamps.next('video', 3_602_000)).toEqual({ dtsMs: 3_602_000 });
  });

  it('joins tracks that jump over the wrap', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 2 ** 32 - 100);
    expect(timestamps.next('video', 99_900)).toEqual({ dtsMs: 2 ** 32 + 99_900, jumpMs: 100_000 });
    expect(timestamps.next('audio', 99_800)).toEqual({ dtsMs: 2 ** 32 + 99_800 });
  });

  it('never repeats a time within a track', () => {
    const timestamps = new Timestamps();
    timestamps.next('video', 100);
    expect(timestamps.next('video', 100)).toEqual({ dtsMs: 101 });
    expect(timestamps.next('video', 90)).toEqual({ dtsMs: 102 });
    expect(timestamps.next('video', 140)).toEqual({ dtsMs: 140 });
  });
});
