import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ClockState } from '../api-client.ts';

/** Often enough for a display of seconds. */
const TICK_MS = 250;

/** The time in the emulator: from the last known state on, it runs as fast as the browser's clock or stands still. */
export function runningTime(
  answer: { readonly value: ClockState | undefined },
  browserClock: Clock,
): ReadonlySignal<number | undefined> {
  const nowMs = signal<number | undefined>(undefined);
  let timer: Timer | undefined;
  effect(() => {
    timer?.cancel();
    const state = answer.value;
    if (!state) return;
    const readAtMs = browserClock.now();
    const tick = () => {
      nowMs.value = state.frozen ? state.nowMs : state.nowMs + browserClock.now() - readAtMs;
      if (!state.frozen) timer = browserClock.setTimeout(tick, TICK_MS);
    };
    tick();
  });
  return nowMs;
}
