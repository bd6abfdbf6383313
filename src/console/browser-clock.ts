import type { Clock } from '../base/clock.ts';

/** The clock of the machine on which the page is shown; the time of the emulator is in `state/running-time.ts`. */
export const browserClock: Clock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.now()),
  setTimeout(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
