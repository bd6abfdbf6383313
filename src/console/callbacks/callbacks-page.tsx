import { useState } from 'preact/hooks';
import type { EventType } from '../../events/events.ts';
import type { Callback, DeadLetter } from '../control-api.ts';
import { count, day, timeOfDay } from '../format.ts';
import { useAnswer, useConsole } from '../state/context.ts';

const CALLBACK_EVENTS: readonly EventType[] = [
  ...(['live.callback-delivered', 'live.callback-failed', 'notification.dead-letter', 'emulator.reset'] as const),
];

/** What was called back about streams and rooms, and the messages of MNS that nobody took; each can be sent again. */
export function CallbacksPage() {
  const { api } = useConsole();
  const [failedOnly, setFailedOnly] = useState(false);
  const answer = useAnswer('callbacks', () => api.callbacks(), CALLBACK_EVENTS);
  const all = answer?.callbacks ?? [];
  const shown = failedOnly ? all.filter(({ delivered }) => !delivered) : all;
  return (
    <main class="callbacks-page" id="main" aria-busy={!answer}>
      <h1>Callbacks</h1>
      <section class="panel" aria-label="Results">
        <header>
          <h2>{answer && (all.length === 0 ? 'Nothing was called back yet' : count(all.length, 'result'))}</h2>
          <label class="check">
            <input
              type="checkbox"
              checked={failedOnly}
              onChange={({ currentTarget }) => setFailedOnly(currentTarget.checked)}
            />{' '}
            Failed only
          </label>
        </header>
        {shown.length > 0 && <CallbackTable callbacks={shown} />}
        {answer && all.length === 0 && (
          <p class="quiet">
            Ask for callbacks with <code>SetLiveStreamsNotifyUrlConfig</code> (streams begin and end),{' '}
            <code>AddLiveRecordNotifyConfig</code> (recordings) or <code>CreateEventSub</code> (rooms).
          </p>
        )}
      </section>
      {answer && answer.deadLetters.length > 0 && <DeadLetters letters={answer.deadLetters} />}
    </main>
  );
}

function CallbackTable({ callbacks }: { readonly callbacks: readonly Callback[] }) {
  return (
    <table class="history callbacks">
      <caption class="visually-hidden">Callbacks, latest first</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What</th>
          <th scope="col">About</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="wide-only">
            Request and answer
          </th>
          <th scope="col">
            <span class="visually-hidden">Again</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {callbacks.map((callback) => (
          <CallbackRow key={callback.id} callback={callback} />
        ))}
      </tbody>
    </table>
  );
}

function CallbackRow({ callback }: { readonly callback: Callback }) {
  const { id, action, about, method, url, headers, body, delivered, attempts, response, endedMs } = callback;
  const request = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return (
    <tr>
      <Time atMs={endedMs} />
      <td>{action}</td>
      <td class="breakable">{nameOf(about)}</td>
      <td>
        <span class={`badge ${delivered ? 'good' : 'bad'}`}>{delivered ? 'delivered' : 'failed'}</span>{' '}
        <span class="quiet">{count(attempts, 'attempt')}</span>
      </td>
      <td class="wide-only">
        <details>
          <summary class="breakable">
            {new URL(url).host}: {response || 'no answer'}
          </summary>
          <pre>{[...request, '', body ?? ''].join('\n').trimEnd()}</pre>
        </details>
      </td>
      <td class="number">
        <AgainButton id={id} what={`${action} of ${timeOfDay(endedMs)}`} />
      </td>
    </tr>
  );
}

function DeadLetters({ letters }: { readonly letters: readonly DeadLetter[] }) {
  return (
    <section class="panel" aria-label="Dead letters">
      <header>
        <h2>{count(letters.length, 'dead letter')} of MNS</h2>
      </header>
      <table class="history callbacks">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Subscription</th>
            <th scope="col" class="wide-only">
              Endpoint
            </th>
            <th scope="col">Why</th>
            <th scope="col">
              <span class="visually-hidden">Again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map(({ id, droppedMs, topic, subscription, endpoint, attempts, reason }) => (
            <tr key={id}>
              <Time atMs={droppedMs} />
              <td class="breakable">
                {topic}/{subscription}
              </td>
              <td class="mono breakable wide-only">{endpoint}</td>
              <td>
                {reason} <span class="quiet">{count(attempts, 'attempt')}</span>
              </td>
              <td class="number">
                <AgainButton id={id} what={`message of ${timeOfDay(droppedMs)}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Time({ atMs }: { readonly atMs: number }) {
  return (
    <td title={new Date(atMs).toISOString()}>
      <span class="quiet wide-only">{day(atMs).slice(5)}</span> {timeOfDay(atMs)}
    </td>
  );
}

function AgainButton({ id, what }: { readonly id: string; readonly what: string }) {
  const { api, notice } = useConsole();
  return (
    <button
      type="button"
      class="small"
      aria-label={`Send again: ${what}`}
      onClick={() => notice.attempt(async () => void (await api.retryCallback(id)))}
    >
      Again
    </button>
  );
}

function nameOf(about: Callback['about']): string {
  return 'userId' in about
    ? `${about.appId}/${about.channelId}/${about.userId}`
    : `${about.domain}/${about.app}/${about.stream}`;
}
