/** The calculations of the timeline: from time to position and back, the recorded spans, the fragments in a range. */
import type { FragmentItem } from '../api-client.ts';

/** A range of time; `fromMs` is before `toMs`. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fragments that follow each other without a gap. */
export interface Span extends Range {
  readonly fragments: number;
}

/** Larger gaps between fragments of one push are not from rounding or jitter. */
const MAX_JITTER_MS = 500;

/** Share of the width: 0 at the left edge, 1 at the right edge. */
export function shareAt(timeMs: number, view: Range): number {
  return (timeMs - view.fromMs) / lengthMs(view);
}

export function timeAt(share: number, view: Range): number {
  return view.fromMs + Math.min(1, Math.max(0, share)) * lengthMs(view);
}

export function lengthMs({ fromMs, toMs }: Range): number {
  return toMs - fromMs;
}

export function endMs({ startMs, durationMs }: FragmentItem): number {
  return startMs + durationMs;
}

export function spansOf(fragments: readonly FragmentItem[]): readonly Span[] {
  const spans: Span[] = [];
  let previous: FragmentItem | undefined;
  for (const fragment of fragments) {
    const last = spans.at(-1);
    // The clock may have been set back within a push.
    const isNext = fragment.sessionId === previous?.sessionId && fragment.startMs >= previous.startMs;
    if (last && isNext && fragment.startMs - last.toMs <= MAX_JITTER_MS) {
      spans[spans.length - 1] = { ...last, toMs: Math.max(last.toMs, endMs(fragment)), fragments: last.fragments + 1 };
    } else {
      spans.push({ fromMs: fragment.startMs, toMs: endMs(fragment), fragments: 1 });
    }
    previous = fragment;
  }
  return spans;
}

/** Whole seconds, as PostVodPlaylist takes them; at least one. */
export function selection(oneMs: number, otherMs: number): Range {
  const fromMs = Math.floor(Math.min(oneMs, otherMs) / 1000) * 1000;
  return { fromMs, toMs: Math.max(fromMs + 1000, Math.ceil(Math.max(oneMs, otherMs) / 1000) * 1000) };
}

/** The fragments that begin in the range; a playlist of the range has these. */
export function fragmentsIn(fragments: readonly FragmentItem[], { fromMs, toMs }: Range): readonly FragmentItem[] {
  return fragments.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
}

/** The media in the fragments, without the gaps between them. */
export function mediaMsOf(fragments: readonly FragmentItem[]): number {
  return fragments.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

const TICK_STEPS_MS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** Round times in the view, at most `maxTicks`. The offset makes them round in the time zone of the user. */
export function ticksOf(view: Range, maxTicks: number, utcOffsetMs: number): readonly number[] {
  const stepMs = TICK_STEPS_MS.find((step) => lengthMs(view) / step <= maxTicks) ?? lengthMs(view);
  const first = Math.ceil((view.fromMs + utcOffsetMs) / stepMs) * stepMs - utcOffsetMs;
  const ticks: number[] = [];
  for (let tick = first; tick <= view.toMs; tick += stepMs) ticks.push(tick);
  return ticks;
}
