import type { Clock } from '../base/clock.ts';

/** The time of the machine the page is looked at on; the emulator's own is in `state/emulator-clock.ts`. */
export const browserClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
