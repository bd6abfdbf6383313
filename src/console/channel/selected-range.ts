import { useEffect, useRef, useState } from 'preact/hooks';
import { useQueryValue } from '../address-bar.ts';
import { withQuery } from '../page-route.ts';
import { useConsole } from '../state/context.ts';
import { type Range, selection } from './timeline-scale.ts';

/** While a range is dragged it changes too often for an address: browsers stop to follow. */
const REST_MS = 300;

/** The selected range, which the address keeps: `range=FROM-TO`, in milliseconds since the epoch. */
export function useSelectedRange(): readonly [Range | undefined, (range: Range | undefined) => void] {
  const { browserClock } = useConsole();
  const [kept, keep] = useQueryValue('range');
  const [selected, setSelected] = useState(() => readRange(kept));
  const written = useRef(kept);
  useEffect(() => {
    // Back, forward, or an address that was typed.
    if (kept === written.current) return;
    written.current = kept;
    setSelected(readRange(kept));
  }, [kept]);
  useEffect(() => {
    const text = rangeText(selected);
    if (text === written.current) return;
    const timer = browserClock.setTimeout(() => {
      const wasEmpty = written.current === '';
      written.current = text;
      // From nothing to a range the browser's history has an entry; from range to range it has none.
      if (wasEmpty) location.hash = withQuery(location.hash, 'range', text);
      else keep(text);
    }, REST_MS);
    return () => timer.cancel();
  }, [selected]);
  return [selected, setSelected];
}

function readRange(text: string): Range | undefined {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return from === undefined || to === undefined ? undefined : selection(Number(from), Number(to));
}

function rangeText(range: Range | undefined): string {
  return range ? `${range.fromMs}-${range.toMs}` : '';
}
