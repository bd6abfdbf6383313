import { useState } from 'preact/hooks';
import type { FragmentItem } from '../api-client.ts';
import { timeOfDay } from '../format.ts';

/** More bars are too narrow to see each of them. */
export const SHOWN_FRAGMENTS = 40;

const HEIGHT = 64;
const BAR = 5;
const STEP = 7.5;

/** A fragment ends at the first key frame after FragDuration; above this factor the key frames are too far apart. */
const TOO_LONG = 1.5;

/** The length of the latest fragments beside the FragDuration of the channel. */
export function FragmentChart(props: {
  readonly fragments: readonly FragmentItem[];
  readonly fragDurationSec: number;
}) {
  const [pointed, setPointed] = useState<FragmentItem>();
  const fragments = props.fragments.slice(-SHOWN_FRAGMENTS);
  const askedMs = props.fragDurationSec * 1000;
  const topMs = Math.max(askedMs * 1.4, ...fragments.map(({ durationMs }) => durationMs));
  const shown = pointed ?? fragments.at(-1);
  const height = (ms: number) => (ms / topMs) * HEIGHT;
  const value = shown ? seconds(shown.durationMs) : '–';
  const width = SHOWN_FRAGMENTS * STEP;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">Fragment length</span>
        <span class="chart-value line-0">
          {pointed && <span class="chart-key">{timeOfDay(pointed.startMs)}</span>}
          <output>{value}</output>
        </span>
      </figcaption>
      <div class="chart-area">
        <span class="chart-asked" style={{ bottom: `${(height(askedMs) / HEIGHT) * 100}%` }}>
          {seconds(askedMs)}
        </span>
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Length of the latest fragments: ${value}, asked for ${seconds(askedMs)}`}
          onPointerLeave={() => setPointed(undefined)}
        >
          {fragments.map((fragment, index) => (
            <rect
              key={fragment.startMs}
              class={fragment.durationMs > askedMs * TOO_LONG ? 'bar too-long' : 'bar'}
              x={width - (fragments.length - index) * STEP + (STEP - BAR) / 2}
              y={HEIGHT - height(fragment.durationMs)}
              width={BAR}
              height={height(fragment.durationMs)}
              onPointerEnter={() => setPointed(fragment)}
            />
          ))}
          <path class="chart-asked-line" d={`M0 ${HEIGHT - height(askedMs)}H${width}`} />
        </svg>
      </div>
    </figure>
  );
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(2))} s`;
}
