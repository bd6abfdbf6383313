import { useState } from 'preact/hooks';

/** What a user starts: whether it still goes on, and the function that starts it, once at a time. */
export function usePending(action: () => Promise<unknown>): readonly [isPending: boolean, start: () => void] {
  const [isPending, setPending] = useState(false);
  const start = () => {
    if (isPending) return;
    setPending(true);
    action().finally(() => setPending(false));
  };
  return [isPending, start];
}
