import { useId, useState } from 'preact/hooks';
import { day, inputTime, roughly, timeOfDay } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { useConsole } from '../state/context.ts';

const STEPS_MS = [10_000, 60_000, 3_600_000, 86_400_000];

/** Below this it is the time the request took, not a shift. */
const NO_SHIFT_MS = 1_000;

/** What time it is in the emulator, and behind it the controls that hold it still and move it. */
export function ClockMenu() {
  const { clock } = useConsole();
  const id = useId();
  const nowMs = clock.nowMs.value;
  const state = clock.state.value;
  if (nowMs === undefined || !state) return null;
  const shift = shiftText(state.offsetMs, state.frozen);
  return (
    <div class="clock">
      <button
        type="button"
        class={state.frozen || shift ? 'clock-button unusual' : 'clock-button'}
        popoverTarget={id}
        aria-label={`Clock of the emulator, ${state.frozen ? 'frozen' : 'running'}${shift ? `, ${shift}` : ''}`}
      >
        <Icon name="clock" />
        <time dateTime={new Date(nowMs).toISOString()}>{timeOfDay(nowMs)}</time>
        {state.frozen && <span class="badge warning">Frozen</span>}
        {shift && <span class="badge warning wide-only">{shift}</span>}
      </button>
      <div id={id} popover="auto" class="clock-menu" role="dialog" aria-label="Clock">
        <ClockControls nowMs={nowMs} />
      </div>
    </div>
  );
}

function ClockControls({ nowMs }: { readonly nowMs: number }) {
  const { clock, notice } = useConsole();
  const [setTo, setSetTo] = useState('');
  const isFrozen = clock.state.value?.frozen === true;
  return (
    <>
      <p class="clock-time">
        <span class="quiet">{day(nowMs)}</span> {timeOfDay(nowMs)}
      </p>
      <p class="quiet mono">{new Date(nowMs).toISOString()}</p>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          onClick={() => notice.attempt(() => (isFrozen ? clock.resume() : clock.freeze()))}
        >
          {isFrozen ? 'Resume' : 'Freeze'}
        </button>
        <button type="button" onClick={() => notice.attempt(() => clock.reset())}>
          Real time
        </button>
      </div>
      <h3>Advance by</h3>
      <div class="buttons">
        {STEPS_MS.map((stepMs) => (
          <button key={stepMs} type="button" onClick={() => notice.attempt(() => clock.advance(stepMs))}>
            {roughly(stepMs)}
          </button>
        ))}
      </div>
      <form
        class="buttons"
        onSubmit={(event) => {
          event.preventDefault();
          notice.attempt(() => clock.set(Date.parse(setTo)));
        }}
      >
        <label>
          Set to{' '}
          <input
            type="datetime-local"
            step="1"
            required
            value={setTo}
            onFocus={() => setTo === '' && setSetTo(inputTime(nowMs))}
            onInput={({ currentTarget }) => setSetTo(currentTarget.value)}
          />
        </label>
        <button type="submit">Set</button>
      </form>
    </>
  );
}

function shiftText(offsetMs: number, frozen: boolean): string | undefined {
  if (frozen || Math.abs(offsetMs) < NO_SHIFT_MS) return undefined;
  return `${roughly(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
