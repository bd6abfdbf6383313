import { useRef } from 'preact/hooks';
import type { FragmentItem } from '../api-client.ts';
import { count, day, roughly, timeOfDay } from '../format.ts';
import { SelectionHandle } from './selection-handle.tsx';
import {
  fragmentsIn,
  lengthMs,
  mediaMsOf,
  type Range,
  selection,
  shareAt,
  spansOf,
  ticksOf,
  timeAt,
} from './timeline-scale.ts';

const MAX_TICKS = 8;

/** Fragments narrower than this are drawn as one span. */
const MIN_FRAGMENT_SHARE = 0.006;

export interface TimelineProps {
  readonly view: Range;
  readonly nowMs: number;
  readonly fragments: readonly FragmentItem[];
  readonly selected: Range | undefined;
  readonly onSelect: (range: Range | undefined) => void;
  /** The recording time of the picture in the player, while it plays a range. */
  readonly playheadMs: number | undefined;
}

/** The stored fragments by time. Dragging selects a range; its ends can be moved by pointer and keys. */
export function Timeline(props: TimelineProps) {
  const { view, nowMs, fragments, selected, onSelect, playheadMs } = props;
  const track = useRef<HTMLDivElement>(null);
  /** The end of the selection that does not move while the other end is dragged. */
  const anchorMs = useRef<number | undefined>(undefined);

  const pointedMs = ({ clientX }: PointerEvent) => {
    const { left = 0, width = 1 } = track.current?.getBoundingClientRect() ?? {};
    return timeAt((clientX - left) / width, view);
  };
  const begin = (event: PointerEvent, fixedMs: number) => {
    if (event.button !== 0) return;
    anchorMs.current = fixedMs;
    track.current?.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const drag = (event: PointerEvent) => {
    if (anchorMs.current !== undefined) onSelect(selection(anchorMs.current, pointedMs(event)));
  };
  const end = () => {
    anchorMs.current = undefined;
  };
  const percent = (timeMs: number) => `${shareAt(timeMs, view) * 100}%`;
  const width = (range: Range) => `${Math.max(0.15, (lengthMs(range) / lengthMs(view)) * 100)}%`;

  return (
    <div class="timeline">
      <div
        class="timeline-track"
        ref={track}
        onPointerDown={(event) => {
          onSelect(undefined);
          begin(event, pointedMs(event));
        }}
        onPointerMove={drag}
        onPointerUp={end}
        onPointerCancel={end}
      >
        <div class="timeline-spans" role="img" aria-label={describe(fragments, view)}>
          {drawn(fragments, view).map((span) => (
            <span key={span.fromMs} style={{ left: percent(span.fromMs), width: width(span) }} />
          ))}
        </div>
        {nowMs < view.toMs && <span class="timeline-future" style={{ left: percent(nowMs) }} />}
        {selected && (
          <span class="timeline-selection" style={{ left: percent(selected.fromMs), width: width(selected) }}>
            <SelectionHandle
              edge="from"
              selected={selected}
              view={view}
              onSelect={onSelect}
              onGrab={(event) => begin(event, selected.toMs)}
            />
            <SelectionHandle
              edge="to"
              selected={selected}
              view={view}
              onSelect={onSelect}
              onGrab={(event) => begin(event, selected.fromMs)}
            />
          </span>
        )}
        {playheadMs !== undefined && <span class="timeline-playhead" style={{ left: percent(playheadMs) }} />}
      </div>
      <Ticks view={view} />
    </div>
  );
}

function Ticks({ view }: { readonly view: Range }) {
  const utcOffsetMs = new Date(view.toMs).getTimezoneOffset() * -60_000;
  return (
    <div class="timeline-ticks" aria-hidden="true">
      {ticksOf(view, MAX_TICKS, utcOffsetMs).map((tick) => (
        <span key={tick} style={{ left: `${shareAt(tick, view) * 100}%` }}>
          {label(tick, lengthMs(view))}
        </span>
      ))}
    </div>
  );
}

function label(timeMs: number, viewMs: number): string {
  const time = timeOfDay(timeMs);
  if (time === '00:00:00') return day(timeMs).slice(5);
  return viewMs > 10 * 60_000 ? time.slice(0, 5) : time;
}

/** Single fragments where they are wide enough, else spans; cut to the view. */
function drawn(fragments: readonly FragmentItem[], view: Range): readonly Range[] {
  const [first] = fragments;
  const ranges: readonly Range[] =
    first && first.durationMs / lengthMs(view) > MIN_FRAGMENT_SHARE
      ? fragments.map(({ startMs, durationMs }) => ({ fromMs: startMs, toMs: startMs + durationMs }))
      : spansOf(fragments);
  return ranges
    .filter(({ fromMs, toMs }) => toMs > view.fromMs && fromMs < view.toMs)
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, view.fromMs), toMs: Math.min(toMs, view.toMs) }));
}

function describe(fragments: readonly FragmentItem[], view: Range): string {
  const inView = fragmentsIn(fragments, view);
  return `${count(inView.length, 'fragment')}, ${roughly(mediaMsOf(inView))}, stored from ${timeOfDay(view.fromMs)} to ${timeOfDay(view.toMs)}`;
}
