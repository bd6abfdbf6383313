import { useEffect, useState } from 'preact/hooks';
import { useConsole } from '../state/context.ts';

/** An answer that comes sooner is shown at once; a word that flashes is read as a fault. */
const SHOWN_AFTER_MS = 300;

/** A page before the first answer. */
export function Loading() {
  return (
    <main class="empty" id="main" aria-busy="true">
      <LoadingText />
    </main>
  );
}

/** A part of a page before the first answer. */
export function LoadingText() {
  const { browserClock } = useConsole();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = browserClock.setTimeout(() => setShown(true), SHOWN_AFTER_MS);
    return () => timer.cancel();
  }, []);
  return <p class="quiet">{isShown ? 'Loading…' : '\u00a0'}</p>;
}
