import { useEffect, useRef } from 'preact/hooks';

/** Moves the focus to the content of the page. */
export function focusMain(): void {
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

/**
 * When what had the focus goes because something else is shown in its place, the content of the page gets the focus.
 * @param shown identifies what is shown; undefined while that is loading
 */
export function useMainFocus(shown: string | undefined): void {
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (before.current !== undefined && document.activeElement === document.body) focusMain();
    before.current = shown;
  }, [shown]);
}
