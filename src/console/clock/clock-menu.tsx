import { useId, useState } from 'preact/hooks';
import { day, inputTime, roughly, timeOfDay } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Form } from '../parts/form.tsx';
import { HelpLink } from '../parts/help-link.tsx';
import { Icon } from '../parts/icon.tsx';
import { useConsole } from '../state/context.ts';

const STEPS_MS = [10_000, 60_000, 3_600_000, 86_400_000];

/** A smaller difference is the duration of the request, not a shift. */
const NO_SHIFT_MS = 1_000;

/** The time in the emulator, and a menu that freezes and moves it. */
export function ClockMenu() {
  const page = useConsole();
  const id = useId();
  const nowMs = page.nowMs.value;
  const state = page.clock.value;
  if (nowMs === undefined || !state) return null;
  const shift = shiftText(state.offsetMs, state.frozen);
  return (
    <div class="clock">
      <button type="button" class={state.frozen || shift ? 'clock-button unusual' : 'clock-button'} popoverTarget={id}>
        <Icon name="clock" />
        <span class="visually-hidden">
          Clock of the emulator, {state.frozen ? 'frozen' : 'running'}
          {shift && `, ${shift}`}
        </span>
        <time dateTime={new Date(nowMs).toISOString()}>{timeOfDay(nowMs)}</time>
        {state.frozen && (
          <span class="badge warning" aria-hidden="true">
            Frozen
          </span>
        )}
        {shift && (
          <span class="badge warning" aria-hidden="true">
            {shift}
          </span>
        )}
      </button>
      <div id={id} popover="auto" class="top-menu" role="dialog" aria-label="Clock">
        <ClockControls nowMs={nowMs} isFrozen={state.frozen} />
      </div>
    </div>
  );
}

/** The buttons need not read the clock again: the emulator sends an event for every change of it. */
function ClockControls({ nowMs, isFrozen }: { readonly nowMs: number; readonly isFrozen: boolean }) {
  const { api, notice } = useConsole();
  const [setTo, setSetTo] = useState('');
  return (
    <>
      <p class="clock-time">
        <span class="quiet">{day(nowMs)}</span> {timeOfDay(nowMs)} <HelpLink topic="clock" />
      </p>
      <p class="quiet mono">{new Date(nowMs).toISOString()}</p>
      <div class="buttons">
        <ActionButton class="primary" action={() => api(isFrozen ? 'resumeClock' : 'freezeClock')}>
          {isFrozen ? 'Resume' : 'Freeze'}
        </ActionButton>
        <ActionButton action={() => api('resetClock')}>Real time</ActionButton>
      </div>
      <h3>Advance by</h3>
      <div class="buttons">
        {STEPS_MS.map((stepMs) => (
          <ActionButton key={stepMs} action={() => api('advanceClock', { body: { ms: stepMs } })}>
            {roughly(stepMs)}
          </ActionButton>
        ))}
      </div>
      <Form class="buttons" onSubmit={() => notice.attempt(() => api('setClock', { body: { to: Date.parse(setTo) } }))}>
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
      </Form>
    </>
  );
}

function shiftText(offsetMs: number, frozen: boolean): string | undefined {
  if (frozen || Math.abs(offsetMs) < NO_SHIFT_MS) return undefined;
  return `${roughly(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
