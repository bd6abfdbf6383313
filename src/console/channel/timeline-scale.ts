/** The timeline as numbers: time to place and back, what is recorded, what a selection holds. */
import type { Fragment } from '../control-api.ts';

/** A stretch of time; `fromMs` before `toMs`. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fragments that follow each other without a hole are one span. */
export interface Span extends Range {
  readonly fragments: number;
}

/** Between fragments of one push lie rounding and jitter, no more. */
const MAX_JITTER_MS = 500;

/** Share of the width, 0 at the left edge and 1 at the right one. */
export function placeOf(timeMs: number, view: Range): number {
  return (timeMs - view.fromMs) / lengthMs(view);
}

export function timeAt(place: number, view: Range): number {
  return view.fromMs + Math.min(1, Math.max(0, place)) * lengthMs(view);
}

export function lengthMs({ fromMs, toMs }: Range): number {
  return toMs - fromMs;
}

export function endMs({ startMs, durationMs }: Fragment): number {
  return startMs + durationMs;
}

export function spansOf(fragments: readonly Fragment[]): readonly Span[] {
  const spans: Span[] = [];
  let sessionId = '';
  for (const fragment of fragments) {
    const last = spans.at(-1);
    if (last && fragment.sessionId === sessionId && fragment.startMs - last.toMs <= MAX_JITTER_MS) {
      spans[spans.length - 1] = { ...last, toMs: Math.max(last.toMs, endMs(fragment)), fragments: last.fragments + 1 };
    } else {
      spans.push({ fromMs: fragment.startMs, toMs: endMs(fragment), fragments: 1 });
    }
    sessionId = fragment.sessionId;
  }
  return spans;
}

/** Whole seconds, because that is what PostVodPlaylist takes; from left to right; at least one. */
export function selection(oneMs: number, otherMs: number): Range {
  const fromMs = Math.floor(Math.min(oneMs, otherMs) / 1000) * 1000;
  return { fromMs, toMs: Math.max(fromMs + 1000, Math.ceil(Math.max(oneMs, otherMs) / 1000) * 1000) };
}

/** Fragments that begin in the range; their media is what its playlist is made of. */
export function fragmentsIn(fragments: readonly Fragment[], { fromMs, toMs }: Range): readonly Fragment[] {
  return fragments.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
}

const TICK_STEPS_MS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** Round times in the view, as many as fit; round where the reader is, hence the offset. */
export function ticksOf(view: Range, maxTicks: number, utcOffsetMs: number): readonly number[] {
  const stepMs = TICK_STEPS_MS.find((step) => lengthMs(view) / step <= maxTicks) ?? lengthMs(view);
  const first = Math.ceil((view.fromMs + utcOffsetMs) / stepMs) * stepMs - utcOffsetMs;
  const ticks: number[] = [];
  for (let tick = first; tick <= view.toMs; tick += stepMs) ticks.push(tick);
  return ticks;
}
