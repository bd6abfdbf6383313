import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';

/** Resolves `delayMs` of the clock from now, at once when there is no delay, and early when the signal aborts. */
export async function wait(clock: Clock, delayMs = 0, signal?: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal?.aborted) return;
  // Many may wait with one signal. Each removes its listener, so Node's warning of a leak would be wrong.
  if (signal) setMaxListeners(0, signal);
  await new Promise<void>((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, delayMs);
    signal?.addEventListener('abort', done);
  });
}
