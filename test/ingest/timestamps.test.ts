import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timestamps } from '../../src/ingest/timestamps.ts';

type Track = 'audio' | 'video';

/** The time of a message, and the jump before it if there was one. */
interface Stamp {
  readonly dtsMs: number;
  readonly jumpMs?: number;
}

function setUp(): { next(track: Track, wireMs: number, arrivalMs: number): Stamp } {
  const jumps: number[] = [];
  const jumped: Track[] = [];
  const timestamps = new Timestamps((track, jumpMs) => {
    jumped.push(track);
    jumps.push(jumpMs);
  });
  return {
    next(track, wireMs, arrivalMs) {
      const dtsMs = timestamps.next(track, wireMs, arrivalMs);
      const [jumpMs, ...more] = jumps.splice(0);
      expect(more).toEqual([]);
      expect(jumped.splice(0)).toEqual(jumpMs === undefined ? [] : [track]);
      return jumpMs === undefined ? { dtsMs } : { dtsMs, jumpMs };
    },
  };
}

/** Gives messages that all arrive at the same time, as when a file is pushed without a pace. */
function atOnce(): { next(track: Track, wireMs: number): Stamp } {
  const timestamps = setUp();
  return { next: (track, wireMs) => timestamps.next(track, wireMs, 0) };
}

describe('Timestamps', () => {
  it('passes on a stream that behaves', () => {
    const timestamps = atOnce();
    expect(timestamps.next('video', 86_400_000)).toEqual({ dtsMs: 86_400_000 });
    expect(timestamps.next('audio', 86_400_000)).toEqual({ dtsMs: 86_400_000 });
    expect(timestamps.next('video', 86_400_040)).toEqual({ dtsMs: 86_400_040 });
  });

  it('goes on beyond 2^32', () => {
    const timestamps = atOnce();
    timestamps.next('video', 2 ** 32 - 20);
    expect(timestamps.next('video', 20)).toEqual({ dtsMs: 2 ** 32 + 20 });
    expect(timestamps.next('audio', 2 ** 32 - 5)).toEqual({ dtsMs: 2 ** 32 - 5 });
    expect(timestamps.next('video', 60)).toEqual({ dtsMs: 2 ** 32 + 60 });
  });

  it('reports a jump, and goes on a step later', () => {
    const timestamps = atOnce();
    timestamps.next('video', 49_960);
    timestamps.next('video', 50_000);
    expect(timestamps.next('video', 1_000)).toEqual({ dtsMs: 50_040, jumpMs: -49_000 });
    expect(timestamps.next('video', 1_040)).toEqual({ dtsMs: 50_080 });
    expect(timestamps.next('video', 20_000)).toEqual({ dtsMs: 50_120, jumpMs: 18_960 });
  });

  it('goes on after a jump as much later as it arrives, unless the clock was moved', () => {
    const timestamps = setUp();
    timestamps.next('video', 0, 1_000_000);
    expect(timestamps.next('video', 900_000, 1_000_700)).toEqual({ dtsMs: 700, jumpMs: 900_000 });
    expect(timestamps.next('video', 0, 9_000_000)).toEqual({ dtsMs: 10_700, jumpMs: -900_000 });
    expect(timestamps.next('video', 900_000, 0).dtsMs).toBeGreaterThan(10_700);
  });

  it('takes a second back and ten seconds forward as jitter and pause', () => {
    const timestamps = atOnce();
    timestamps.next('video', 50_000);
    expect(timestamps.next('audio', 50_000)).toEqual({ dtsMs: 50_000 });
    expect(timestamps.next('video', 60_000)).toEqual({ dtsMs: 60_000 });
    expect(timestamps.next('video', 59_000)).toEqual({ dtsMs: 60_001 });
    expect(timestamps.next('video', 57_999)).toEqual({ dtsMs: 60_002, jumpMs: -1_001 });
    expect(timestamps.next('video', 68_000)).toEqual({ dtsMs: 60_003, jumpMs: 10_001 });
  });

  it('takes a track up again that was silent for longer than that, where the other one is', () => {
    const timestamps = atOnce();
    timestamps.next('audio', 50_000);
    for (const videoMs of [50_000, 58_000, 66_000]) timestamps.next('video', videoMs);
    expect(timestamps.next('audio', 65_900)).toEqual({ dtsMs: 65_900 });
  });

  it('leaves it to the encoder how far its tracks are apart', () => {
    const timestamps = atOnce();
    timestamps.next('video', 50_000);
    expect(timestamps.next('audio', 48_500)).toEqual({ dtsMs: 48_500 });
    expect(timestamps.next('video', 50_040)).toEqual({ dtsMs: 50_040 });
    expect(timestamps.next('audio', 48_523)).toEqual({ dtsMs: 48_523 });
  });

  it('reports a jump of both tracks once, however far they are apart, and keeps them as far apart', () => {
    const timestamps = atOnce();
    for (const videoMs of [49_960, 50_000]) timestamps.next('video', videoMs);
    timestamps.next('audio', 48_000);
    expect(timestamps.next('video', 47_000)).toEqual({ dtsMs: 50_040, jumpMs: -3_000 });
    expect(timestamps.next('audio', 48_023)).toEqual({ dtsMs: 48_023 });
    expect(timestamps.next('audio', 45_046)).toEqual({ dtsMs: 48_086 });
    expect(timestamps.next('video', 47_040)).toEqual({ dtsMs: 50_080 });
    expect(timestamps.next('audio', 3_600_000)).toMatchObject({ jumpMs: 3_554_954 });
    expect(timestamps.next('video', 3_602_000)).not.toHaveProperty('jumpMs');
  });

  it('lets both tracks go forward where one would go back', () => {
    const timestamps = atOnce();
    for (const [track, wireMs] of [
      ['video', 10_000],
      ['audio', 13_000],
    ] as const) {
      timestamps.next(track, wireMs);
    }
    expect(timestamps.next('video', 0)).toEqual({ dtsMs: 10_001, jumpMs: -10_000 });
    expect(timestamps.next('audio', 0)).toEqual({ dtsMs: 13_001 });
    expect(timestamps.next('video', 40)).toEqual({ dtsMs: 13_041 });
  });

  it('puts tracks of two clocks side by side', () => {
    const timestamps = atOnce();
    timestamps.next('video', 500);
    expect(timestamps.next('audio', 7_200_000)).toEqual({ dtsMs: 500, jumpMs: 7_199_500 });
    expect(timestamps.next('video', 540)).toEqual({ dtsMs: 540 });
    expect(timestamps.next('audio', 7_200_023)).toEqual({ dtsMs: 523 });
  });

  it('joins tracks that jump over the wrap', () => {
    const timestamps = atOnce();
    timestamps.next('video', 2 ** 32 - 100);
    expect(timestamps.next('video', 99_900)).toEqual({ dtsMs: 2 ** 32 - 99, jumpMs: 100_000 });
    expect(timestamps.next('audio', 99_800)).toEqual({ dtsMs: 2 ** 32 - 199 });
  });

  it('never repeats a time within a track', () => {
    const timestamps = atOnce();
    timestamps.next('video', 100);
    expect(timestamps.next('video', 100)).toEqual({ dtsMs: 101 });
    expect(timestamps.next('video', 90)).toEqual({ dtsMs: 102 });
    expect(timestamps.next('video', 140)).toEqual({ dtsMs: 140 });
  });

  it('rises within a track, whatever is sent', () => {
    const track = fc.constantFrom<Track>('audio', 'video');
    const message = fc.record({ track, wireMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }), waitMs: fc.integer() });
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const timestamps = setUp();
        const latest: Record<Track, number> = { audio: Number.NEGATIVE_INFINITY, video: Number.NEGATIVE_INFINITY };
        for (const { track, wireMs, waitMs } of messages) {
          const { dtsMs } = timestamps.next(track, wireMs, waitMs);
          expect(dtsMs).toBeGreaterThan(latest[track]);
          latest[track] = dtsMs;
        }
      }),
    );
  });

  /** What an encoder captures: a picture every 40 ms, a sound every 23, sent in this order, `apartMs` apart. */
  function captured(
    apartMs: number,
  ): readonly { readonly track: Track; readonly atMs: number; readonly sentMs: number }[] {
    const pictures = Array.from({ length: 250 }, (_, index) => ({ track: 'video' as const, atMs: index * 40 }));
    const sounds = Array.from({ length: 430 }, (_, index) => ({ track: 'audio' as const, atMs: index * 23 }));
    return [...pictures, ...sounds]
      .map(({ track, atMs }) => ({ track, atMs, sentMs: track === 'audio' ? atMs + apartMs : atMs }))
      .toSorted((a, b) => a.sentMs - b.sentMs);
  }

  it('keeps pictures and sound together over any jumps, without a hole', () => {
    const jump = fc.record({
      afterMs: fc.integer({ min: 1_000, max: 9_000 }),
      byMs: fc.oneof(fc.integer({ min: 20_000, max: 2 ** 31 - 1 }), fc.integer({ min: -(2 ** 31) + 1, max: -20_000 })),
    });
    const jumps = fc.uniqueArray(jump, { maxLength: 4, selector: ({ afterMs }) => Math.floor(afterMs / 1_000) });
    const apart = fc.integer({ min: -400, max: 400 });
    fc.assert(
      fc.property(apart, jumps, fc.boolean(), fc.nat(2 ** 32 - 1), (apartMs, shifts, isPaced, startMs) => {
        const timestamps = setUp();
        const latest: Partial<Record<Track, number>> = {};
        let originMs: number | undefined;
        let outOfPlaceMs = 0;
        let longestStepMs = 0;
        for (const { track, atMs, sentMs } of captured(apartMs)) {
          const byMs = shifts.reduce((sum, { afterMs, byMs }) => (sentMs >= afterMs ? sum + byMs : sum), 0);
          const wireMs = (startMs + atMs + byMs) >>> 0;
          const { dtsMs } = timestamps.next(track, wireMs, isPaced ? sentMs : 0);
          originMs ??= dtsMs - atMs;
          outOfPlaceMs = Math.max(outOfPlaceMs, Math.abs(dtsMs - originMs - atMs));
          longestStepMs = Math.max(longestStepMs, dtsMs - (latest[track] ?? dtsMs));
          latest[track] = dtsMs;
        }
        // The steps of the two tracks meet at a jump: it may come out as much as a step late.
        expect(outOfPlaceMs).toBeLessThanOrEqual(40 * shifts.length);
        expect(longestStepMs).toBeLessThanOrEqual(120);
      }),
    );
  });
});
