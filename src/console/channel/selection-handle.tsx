import { timeOfDay } from '../format.ts';
import { type Range, selection } from './timeline-scale.ts';

const KEY_STEPS_MS: Readonly<Record<string, number>> = {
  ArrowLeft: -1_000,
  ArrowRight: 1_000,
  ArrowDown: -10_000,
  ArrowUp: 10_000,
  PageDown: -60_000,
  PageUp: 60_000,
};

export interface SelectionHandleProps {
  readonly edge: 'from' | 'to';
  readonly selected: Range;
  readonly view: Range;
  readonly onSelect: (range: Range) => void;
  readonly onGrab: (event: PointerEvent) => void;
}

/** One end of a selection, as a slider: arrow keys move it by 1 s and 10 s, page keys by a minute. */
export function SelectionHandle({ edge, selected, view, onSelect, onGrab }: SelectionHandleProps) {
  const { fromMs, toMs } = selected;
  const valueMs = edge === 'from' ? fromMs : toMs;
  const onKeyDown = (event: KeyboardEvent) => {
    const stepMs = KEY_STEPS_MS[event.key];
    if (stepMs === undefined) return;
    event.preventDefault();
    // One end cannot pass the other.
    if (edge === 'from') onSelect(selection(Math.min(fromMs + stepMs, toMs - 1000), toMs));
    else onSelect(selection(fromMs, Math.max(toMs + stepMs, fromMs + 1000)));
  };
  return (
    <span
      class={`timeline-handle handle-${edge}`}
      role="slider"
      tabIndex={0}
      aria-label={edge === 'from' ? 'Begin of the range' : 'End of the range'}
      aria-valuemin={edge === 'from' ? view.fromMs : fromMs}
      aria-valuemax={edge === 'from' ? toMs : view.toMs}
      aria-valuenow={valueMs}
      aria-valuetext={timeOfDay(valueMs)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.stopPropagation();
        onGrab(event);
      }}
    />
  );
}
