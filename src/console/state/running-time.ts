import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ClockState } from '../api-client.ts';

/** Often enough for a display of seconds. */
const TICK_MS = 250;

/** The time in the emulator: from the last known state on, it runs as fast as the browser's clock or stands still. */
export function runningTime(
  state: ReadonlySignal<ClockState | undefined>,
  browserClock: Clock,
): ReadonlySignal<number | undefined> {
  const nowMs = signal<number | undefined>(undefined);
  let timer: Timer | undefined;
  state.subscribe((known) => {
    timer?.cancel();
    if (!known) return;
    const readAtMs = browserClock.now();
    const tick = () => {
      nowMs.value = known.frozen ? known.nowMs : known.nowMs + browserClock.now() - readAtMs;
      if (!known.frozen) timer = browserClock.setTimeout(tick, TICK_MS);
    };
    tick();
  });
  return nowMs;
}
