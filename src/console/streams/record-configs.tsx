import { useState } from 'preact/hooks';
import type { RecordConfigItem } from '../api-client.ts';
import { count, roughly } from '../format.ts';
import { routeHash, withQuery } from '../page-route.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { buttonColumn, type Column, ListTable, timeColumn } from '../parts/data-table.tsx';
import { Choice, FormRefusal, TextLine } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Panel } from '../parts/panel.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { useRefusals } from '../state/refusal.ts';
import { newRecordConfigDraft, type RecordConfigField, recordConfigParameters } from './record-config-draft.ts';

/** The place of the configurations. */
export const RECORD_CONFIGS = withQuery(routeHash({ page: 'streams', address: undefined }), 'show', 'configurations');

const FORMATS = [
  ['m3u8', 'm3u8'],
  ['flv', 'flv, stored and not made'],
  ['mp4', 'mp4, stored and not made'],
  ['cmaf', 'cmaf, stored and not made'],
] as const;

const STARTS = [
  ['0', '0: with the stream'],
  ['7', '7: by RealTimeRecordCommand'],
] as const;

/** What is recorded of streams: the list, and a form for one more. */
export function RecordConfigs() {
  const { api } = useConsole();
  const [changes, setChanges] = useState(0);
  const changed = () => setChanges((times) => times + 1);
  const answer = useAnswer(`record configurations ${changes}`, {
    ask: () => api('recordConfigs'),
    refreshOn: ['emulator.reset'],
    changesBy: (event) => event.type === 'request.answered' && event.api === 'live',
  });
  const columns: readonly Column<RecordConfigItem>[] = [
    { ...timeColumn<RecordConfigItem>('Made', ({ createdMs }) => createdMs), class: 'wide-only' },
    { name: 'Of', cellClass: 'mono breakable', cell: ({ domain, app, stream }) => `${domain}/${app}/${stream}` },
    { name: 'Into', cellClass: 'mono breakable', cell: ({ bucket }) => bucket },
    { name: 'As', class: 'wide-only', cell: ({ formats }) => formats.map(formatText).join('; ') },
    buttonColumn('Delete', (config) => <DeleteConfig config={config} onDeleted={changed} />),
  ];
  return (
    <main class="channel-page" id="main">
      <header class="channel-header">
        <h1>Record configurations</h1>
      </header>
      <Panel name="Configurations" class="recordings">
        <ListTable
          caption={count(answer?.configs.length ?? 0, 'record configuration')}
          columns={columns}
          rows={answer?.configs}
          keyOf={({ domain, app, stream }) => `${domain}/${app}/${stream}`}
          empty={
            <>
              Nothing is configured, so streams are recorded only with <code>--live-record-bucket NAME</code>.
            </>
          }
        />
      </Panel>
      <NewConfig onAdded={changed} />
    </main>
  );
}

function formatText({ format, sliceDurationSec, cycleDurationSec }: RecordConfigItem['formats'][number]): string {
  return `${format}, slices of ${roughly(sliceDurationSec * 1000)}, a file every ${roughly(cycleDurationSec * 1000)}`;
}

function DeleteConfig({ config, onDeleted }: { readonly config: RecordConfigItem; readonly onDeleted: () => void }) {
  const { api } = useConsole();
  const { domain, app, stream } = config;
  const remove = async () => {
    const of = { DomainName: domain, AppName: app, ...(stream !== '*' && { StreamName: stream }) };
    await api('runOperation', { params: { operation: 'DeleteLiveAppRecordConfig' }, body: of });
    onDeleted();
  };
  return (
    <ConfirmButton
      class="small"
      title={`Delete the configuration of ${domain}/${app}/${stream}?`}
      consequence={<p>Streams that begin later are not recorded by it. What was recorded stays.</p>}
      verb="Delete the configuration"
      action={remove}
    >
      Delete
    </ConfirmButton>
  );
}

function NewConfig({ onAdded }: { readonly onAdded: () => void }) {
  const { api, info } = useConsole();
  const initial = newRecordConfigDraft(info.value?.buckets[0]?.name ?? '', info.value?.endpoint ?? '');
  const { value: draft, set, clear } = useDraft('record configuration', initial);
  const refusals = useRefusals(Object.keys(initial));
  const add = async () => {
    const isAdded = await refusals.attempt(() =>
      api('runOperation', {
        params: { operation: 'AddLiveAppRecordConfig' },
        body: recordConfigParameters(draft),
      }),
    );
    if (!isAdded) return;
    clear();
    onAdded();
  };
  const text = (name: RecordConfigField) => ({
    label: name,
    value: draft[name],
    refusal: refusals.of(name),
    onInput: (typed: string) => set({ ...draft, [name]: typed }),
  });
  const choice = (name: RecordConfigField, choices: readonly (readonly [string, string])[]) => ({
    label: name,
    choices,
    value: draft[name],
    refusal: refusals.of(name),
    onChoose: (chosen: string) => set({ ...draft, [name]: chosen }),
  });
  const isSliced = draft.Format === 'm3u8' || draft.Format === 'cmaf';
  return (
    <Panel
      name="New configuration"
      class="recordings"
      header={<span class="quiet">What AddLiveAppRecordConfig does, without a signed call.</span>}
    >
      <Form class="checked-form" onSubmit={add}>
        <TextLine {...text('DomainName')} hint="Any, for streams pushed to a bare address." />
        <TextLine {...text('AppName')} hint="* for all." />
        <TextLine {...text('StreamName')} hint="Empty for all." />
        <TextLine {...text('OssBucket')} hint="One that exists." />
        <TextLine {...text('OssEndpoint')} hint="Not used by the emulator." />
        <Choice {...choice('Format', FORMATS)} />
        <TextLine {...text('CycleDuration')} type="number" hint="Seconds of a file." />
        {isSliced && <TextLine {...text('SliceDuration')} type="number" hint="Seconds, 5 to 30." />}
        <TextLine {...text('OssObjectPrefix')} hint="With a start and an end time." />
        {isSliced && <TextLine {...text('SliceOssObjectPrefix')} hint="With {UnixTimestamp} and {Sequence}." />}
        <Choice {...choice('OnDemand', STARTS)} />
        <TextLine {...text('DelayTime')} type="number" hint="Seconds to wait for the next push, 15 to 21600." />
        <TextLine {...text('StartTime')} type="datetime-local" hint="Empty: no limit. Needs a StreamName." />
        <TextLine {...text('EndTime')} type="datetime-local" />
        <FormRefusal text={refusals.rest} />
        <div class="buttons">
          <button type="submit" class="primary">
            Add the configuration
          </button>
          <button type="button" onClick={clear}>
            Clear
          </button>
        </div>
      </Form>
    </Panel>
  );
}
