import type { ChannelItem } from '../api-client.ts';

/** How much of the past the charts show. */
export const RATE_WINDOW_MS = 120_000;

/** A rate is measured over this time, because encoders send in bursts and a second may have one more or one less. */
const MEASURE_MS = 3_000;

/** Two samples that are closer together give no useful rate. */
const MIN_MEASURE_MS = 900;

type Publishing = Pick<NonNullable<ChannelItem['live']>, 'sessionId' | 'totals'>;

/** The counters of a push at a time of the browser, and how fast they grew. */
export interface RateSample {
  readonly atMs: number;
  readonly sessionId: string;
  readonly totals: Publishing['totals'];
  /** Undefined until there is an earlier sample of the same push. */
  readonly rates: Rates | undefined;
}

export interface Rates {
  readonly videoBitsPerSec: number;
  readonly audioBitsPerSec: number;
  readonly framesPerSec: number;
}

export type Sampled<Item> = Item & { readonly samples: readonly RateSample[] };

/** Channels or streams, each with the samples of its current push. */
export function sampled<Item extends { readonly live: Publishing | null }>(
  items: readonly Item[],
  atMs: number,
  before: readonly Sampled<Item>[] = [],
): readonly Sampled<Item>[] {
  const bySession = new Map(before.map(({ live, samples }) => [live?.sessionId, samples]));
  return items.map((item) => ({
    ...item,
    samples: item.live ? withSample(bySession.get(item.live.sessionId) ?? [], item.live, atMs) : [],
  }));
}

/** The samples with one more, and without those that are older than the window. */
export function withSample(samples: readonly RateSample[], push: Publishing, atMs: number): readonly RateSample[] {
  const { sessionId, totals } = push;
  const kept = samples.filter((sample) => sample.sessionId === sessionId && sample.atMs > atMs - RATE_WINDOW_MS);
  const earlier = kept.findLast((sample) => sample.atMs <= atMs - MEASURE_MS) ?? kept[0];
  return [...kept, { atMs, sessionId, totals, rates: earlier && ratesBetween(earlier, totals, atMs) }];
}

function ratesBetween(earlier: RateSample, totals: Publishing['totals'], atMs: number): Rates | undefined {
  const elapsedSec = (atMs - earlier.atMs) / 1000;
  if (elapsedSec * 1000 < MIN_MEASURE_MS) return undefined;
  const perSecond = (count: keyof Publishing['totals']) => (totals[count] - earlier.totals[count]) / elapsedSec;
  return {
    videoBitsPerSec: perSecond('videoBytes') * 8,
    audioBitsPerSec: perSecond('audioBytes') * 8,
    framesPerSec: perSecond('videoFrames'),
  };
}
