import type { Clock } from '../../base/clock.ts';

/** Resolves `delayMs` of the clock from now, at once for none, and early when the rule that asked for it is removed. */
export async function wait(clock: Clock, delayMs = 0, removed?: AbortSignal): Promise<void> {
  if (delayMs === 0 || removed?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      timer.cancel();
      removed?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, delayMs);
    removed?.addEventListener('abort', done);
  });
}
