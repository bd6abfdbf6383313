import { useState } from 'preact/hooks';
import type { CallbackItem, DeadLetterItem } from '../api-client.ts';
import { count, subjectName, timeOfDay } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { buttonColumn, type Column, ListTable, timeColumn } from '../parts/data-table.tsx';
import { CheckBox } from '../parts/form.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const CALLBACK_COLUMNS: readonly Column<CallbackItem>[] = [
  timeColumn('Time', ({ endedMs }) => endedMs, 'quiet wide-only'),
  { name: 'What', cell: ({ action }) => action },
  { name: 'About', cellClass: 'breakable', cell: ({ about }) => subjectName(about) },
  {
    name: 'Outcome',
    cell: ({ delivered, attempts }) => (
      <>
        <span class={`badge ${delivered ? 'good' : 'bad'}`}>{delivered ? 'delivered' : 'failed'}</span>{' '}
        <span class="quiet">{count(attempts, 'attempt')}</span>
      </>
    ),
  },
  { name: 'Request and answer', class: 'wide-only', cell: (callback) => <Exchange callback={callback} /> },
  buttonColumn('Again', ({ id, action, endedMs }) => (
    <AgainButton id={id} what={`${action} of ${timeOfDay(endedMs)}`} />
  )),
];

const DEAD_LETTER_COLUMNS: readonly Column<DeadLetterItem>[] = [
  timeColumn('Time', ({ droppedMs }) => droppedMs, 'quiet wide-only'),
  { name: 'Subscription', cellClass: 'breakable', cell: ({ topic, subscription }) => `${topic}/${subscription}` },
  { name: 'Endpoint', class: 'wide-only', cellClass: 'mono breakable', cell: ({ endpoint }) => endpoint },
  {
    name: 'Why',
    cell: ({ reason, attempts }) => (
      <>
        {reason} <span class="quiet">{count(attempts, 'attempt')}</span>
      </>
    ),
  },
  buttonColumn('Again', ({ id, droppedMs }) => <AgainButton id={id} what={`message of ${timeOfDay(droppedMs)}`} />),
];

/** The callbacks about streams and rooms, and the dead letters of MNS; each can be sent again. */
export function CallbacksPage() {
  const { api } = useConsole();
  const [failedOnly, setFailedOnly] = useState(false);
  const answer = useAnswer('callbacks', {
    ask: () => api('callbacks'),
    refreshOn: ['live.callback-delivered', 'live.callback-failed', 'notification.dead-letter', 'emulator.reset'],
  });
  const all = answer?.callbacks;
  const title = all?.length === 0 ? 'Nothing was called back yet' : all && count(all.length, 'result');
  return (
    <main class="callbacks-page" id="main" aria-busy={!answer}>
      <h1>Callbacks</h1>
      <Panel
        name="Results"
        title={title}
        help="callbacks"
        header={
          <CheckBox checked={failedOnly} onChange={setFailedOnly}>
            Failed only
          </CheckBox>
        }
      >
        <ListTable
          class="history callbacks"
          caption="Callbacks, latest first"
          columns={CALLBACK_COLUMNS}
          rows={failedOnly ? all?.filter(({ delivered }) => !delivered) : all}
          keyOf={({ id }) => id}
          empty={all?.length === 0 && <HowToSubscribe />}
        />
      </Panel>
      {answer && answer.deadLetters.length > 0 && (
        <Panel name="Dead letters" title={`${count(answer.deadLetters.length, 'dead letter')} of MNS`}>
          <ListTable
            class="history callbacks"
            columns={DEAD_LETTER_COLUMNS}
            rows={answer.deadLetters}
            keyOf={({ id }) => id}
          />
        </Panel>
      )}
    </main>
  );
}

function HowToSubscribe() {
  return (
    <>
      Ask for callbacks with <code>SetLiveStreamsNotifyUrlConfig</code> (streams begin and end),{' '}
      <code>AddLiveRecordNotifyConfig</code> (recordings) or <code>CreateEventSub</code> (rooms).
    </>
  );
}

/** The whole request and the beginning of the answer. */
function Exchange({ callback: { method, url, headers, body, response } }: { readonly callback: CallbackItem }) {
  const request = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return (
    <details>
      <summary class="breakable">
        {new URL(url).host}: {response || 'no answer'}
      </summary>
      <pre>{[...request, '', body ?? ''].join('\n').trimEnd()}</pre>
    </details>
  );
}

function AgainButton({ id, what }: { readonly id: string; readonly what: string }) {
  const { api } = useConsole();
  return (
    <ActionButton class="small" label={`Send again: ${what}`} action={() => api('retryCallback', { params: { id } })}>
      Again
    </ActionButton>
  );
}
