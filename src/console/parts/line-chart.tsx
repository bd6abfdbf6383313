import { useState } from 'preact/hooks';

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface LineChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly format: (value: number) => string;
  /** The upper end of the scale is at least this, so that noise around zero does not fill the chart. */
  readonly atLeast: number;
}

const WIDTH = 300;
const HEIGHT = 64;

/** One or two lines over time, with the values at the pointer, or without a pointer the latest values. */
export function LineChart({ title, lines, fromMs, toMs, format, atLeast }: LineChartProps) {
  const [pointedMs, setPointedMs] = useState<number>();
  const top = niceCeiling(Math.max(atLeast, ...lines.flatMap(({ points }) => points.map(({ value }) => value))));
  const values = lines.map(({ name, points }) => ({ name, point: nearest(points, pointedMs) }));
  const summary = values.map(({ name, point }) => `${name} ${point ? format(point.value) : 'none'}`).join(', ');
  const pointed = pointedMs === undefined ? undefined : values.find(({ point }) => point)?.point;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        {values.map(({ name, point }, index) => (
          <span key={name} class={`chart-value line-${index}`}>
            {lines.length > 1 && <span class="chart-key">{name}</span>}
            <output>{point ? format(point.value) : '–'}</output>
          </span>
        ))}
      </figcaption>
      <div class="chart-area">
        <span class="chart-top">{format(top)}</span>
        <Curves
          lines={lines}
          fromMs={fromMs}
          toMs={toMs}
          top={top}
          pointed={pointed}
          label={`${title}: ${summary}`}
          onPoint={setPointedMs}
        />
      </div>
    </figure>
  );
}

interface CurvesProps extends Pick<LineChartProps, 'lines' | 'fromMs' | 'toMs'> {
  readonly label: string;
  /** The value at the upper edge. */
  readonly top: number;
  readonly pointed: Point | undefined;
  readonly onPoint: (timeMs: number | undefined) => void;
}

function Curves({ label, lines, fromMs, toMs, top, pointed, onPoint }: CurvesProps) {
  const x = (atMs: number) => ((atMs - fromMs) / (toMs - fromMs)) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const point = (event: PointerEvent & { readonly currentTarget: SVGSVGElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onPoint(fromMs + ((event.clientX - left) / width) * (toMs - fromMs));
  };
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onPointerMove={point}
      onPointerLeave={() => onPoint(undefined)}
    >
      <path class="chart-grid" d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
      {lines.map(({ name, points }, index) => (
        <g key={name} class={`line-${index}`}>
          {index === 0 && <path class="chart-fill" d={areaPath(points, x, y)} />}
          <path class="chart-line" d={linePath(points, x, y)} />
        </g>
      ))}
      {pointed && <path class="chart-pointed" d={`M${x(pointed.atMs)} 0V${HEIGHT}`} />}
    </svg>
  );
}

type Scale = (value: number) => number;

function linePath(points: readonly Point[], x: Scale, y: Scale): string {
  return points
    .map(({ atMs, value }, index) => `${index === 0 ? 'M' : 'L'}${x(atMs).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
}

function areaPath(points: readonly Point[], x: Scale, y: Scale): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return '';
  return `${linePath(points, x, y)}L${x(last.atMs).toFixed(1)} ${HEIGHT}L${x(first.atMs).toFixed(1)} ${HEIGHT}Z`;
}

/** The point next to the pointer; without a pointer the latest. */
function nearest(points: readonly Point[], pointedMs: number | undefined): Point | undefined {
  if (pointedMs === undefined) return points.at(-1);
  const distance = ({ atMs }: Point) => Math.abs(atMs - pointedMs);
  return points.reduce<Point | undefined>(
    (best, point) => (best && distance(best) <= distance(point) ? best : point),
    undefined,
  );
}

/** Rounded up to 1, 1.5, 2, 3, ... times a power of ten, so that the scale changes rarely. */
function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 7.5, 10].find((candidate) => candidate * magnitude >= value) ?? 10;
  return step * magnitude;
}
