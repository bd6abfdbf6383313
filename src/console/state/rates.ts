import type { Channel } from '../control-api.ts';

/** How far back the charts go. */
export const RATE_WINDOW_MS = 120_000;

/** A rate is taken over this long: encoders send in bursts, and a second holds a burst more or less. */
const MEASURE_MS = 3_000;

/** Two looks closer together than this say nothing. */
const MIN_MEASURE_MS = 900;

type Live = Pick<NonNullable<Channel['live']>, 'sessionId' | 'totals'>;

/** What the counters said at a point in time of the browser, and how fast they went. */
export interface RateSample {
  readonly atMs: number;
  readonly sessionId: string;
  readonly totals: Live['totals'];
  /** Undefined until there is an earlier look at the same push. */
  readonly rates: Rates | undefined;
}

export interface Rates {
  readonly videoBitsPerSec: number;
  readonly audioBitsPerSec: number;
  readonly framesPerSec: number;
}

/** The samples with one more, and without those that have left the window. */
export function withSample(samples: readonly RateSample[], live: Live, atMs: number): readonly RateSample[] {
  const { sessionId, totals } = live;
  const kept = samples.filter((sample) => sample.sessionId === sessionId && sample.atMs > atMs - RATE_WINDOW_MS);
  const earlier = kept.findLast((sample) => sample.atMs <= atMs - MEASURE_MS) ?? kept[0];
  return [...kept, { atMs, sessionId, totals, rates: earlier && ratesBetween(earlier, totals, atMs) }];
}

function ratesBetween(earlier: RateSample, totals: Live['totals'], atMs: number): Rates | undefined {
  const elapsedSec = (atMs - earlier.atMs) / 1000;
  if (elapsedSec * 1000 < MIN_MEASURE_MS) return undefined;
  const perSecond = (count: keyof Live['totals']) => (totals[count] - earlier.totals[count]) / elapsedSec;
  return {
    videoBitsPerSec: perSecond('videoBytes') * 8,
    audioBitsPerSec: perSecond('audioBytes') * 8,
    framesPerSec: perSecond('videoFrames'),
  };
}
