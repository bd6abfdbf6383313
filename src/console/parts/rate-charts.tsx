import { bitRate } from '../format.ts';
import { RATE_WINDOW_MS, type RateSample, type Rates } from '../state/rates.ts';
import { LineChart, type Point } from './line-chart.tsx';

/** Bit rate and frame rate of the last two minutes of the current push. */
export function RateCharts({ samples }: { readonly samples: readonly RateSample[] }) {
  const toMs = samples.at(-1)?.atMs ?? 0;
  const window = { fromMs: toMs - RATE_WINDOW_MS, toMs };
  return (
    <>
      <LineChart
        title="Bit rate"
        lines={[
          { name: 'video', points: pointsOf(samples, 'videoBitsPerSec') },
          { name: 'audio', points: pointsOf(samples, 'audioBitsPerSec') },
        ]}
        format={bitRate}
        atLeast={100_000}
        {...window}
      />
      <LineChart
        title="Frame rate"
        lines={[{ name: 'frames per second', points: pointsOf(samples, 'framesPerSec') }]}
        format={(value) => `${value.toFixed(1)} fps`}
        atLeast={10}
        {...window}
      />
    </>
  );
}

function pointsOf(samples: readonly RateSample[], rate: keyof Rates): readonly Point[] {
  return samples.flatMap(({ atMs, rates }) => (rates ? [{ atMs, value: rates[rate] }] : []));
}
