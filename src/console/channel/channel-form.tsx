import { useId } from 'preact/hooks';
import type { ChannelAddress } from '../page-route.ts';
import { Choice, FormRefusal, TextLine } from '../parts/field.tsx';
import { CheckBox, Form } from '../parts/form.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { useRefusals } from '../state/refusal.ts';
import { type ChannelDraft, writtenChannel } from './channel-draft.ts';

/** As the service calls them in refusals. */
const FIELDS = {
  name: 'ChannelName',
  description: 'Description',
  type: 'Type',
  fragDuration: 'FragDuration',
  fragCount: 'FragCount',
  playlistName: 'PlaylistName',
  roleName: 'RoleName',
  destBucket: 'DestBucket',
  notifyTopic: 'NotifyTopic',
  interval: 'Interval',
} as const satisfies Partial<Record<keyof ChannelDraft, string>>;

type TextName = keyof typeof FIELDS;

export interface ChannelFormProps {
  /** Of the draft that the browser keeps. */
  readonly draftName: string;
  readonly initial: ChannelDraft;
  readonly isNew: boolean;
  readonly onSaved: (address: ChannelAddress) => void;
  readonly onCancel: () => void;
}

/** All that PutLiveChannel takes, for a channel to create or to change. The emulator checks it by the rules of the service. */
export function ChannelForm({ draftName, initial, isNew, onSaved, onCancel }: ChannelFormProps) {
  const { api, channels } = useConsole();
  const { value: draft, set, clear } = useDraft(draftName, initial);
  const refusals = useRefusals(Object.values(FIELDS));
  const { bucket, name } = draft;
  const save = async () => {
    const isSaved = await refusals.attempt(() =>
      api('putChannel', {
        params: { bucket, channel: name },
        query: { only: isNew ? 'new' : 'existing' },
        body: writtenChannel(draft),
      }),
    );
    if (!isSaved) return;
    clear();
    await channels.refresh();
    onSaved({ bucket, channel: name });
  };
  const cancel = () => {
    clear();
    onCancel();
  };
  const text = (field: TextName) => ({
    label: FIELDS[field],
    value: draft[field],
    refusal: refusals.of(FIELDS[field]),
    onInput: (typed: string) => set({ ...draft, [field]: typed }),
  });
  const number = (field: TextName) => ({ ...text(field), type: 'number' as const });
  return (
    <Panel name={isNew ? 'New channel' : 'Change the channel'} class="recordings">
      <Form class="checked-form" onSubmit={save}>
        {isNew && <BucketField draft={draft} onInput={(typed) => set({ ...draft, bucket: typed })} />}
        {isNew && <TextLine {...text('name')} hint="Shorter than 64 bytes, no slash." />}
        <Choice
          label={FIELDS.type}
          choices={[['HLS', 'HLS']]}
          value={draft.type}
          refusal={refusals.of(FIELDS.type)}
          onChoose={(type) => set({ ...draft, type })}
        />
        <TextLine {...number('fragDuration')} hint="Seconds, 1 to 100." />
        <TextLine {...number('fragCount')} hint="Fragments in the playlist, 1 to 100." />
        <TextLine {...text('playlistName')} hint="Ends with .m3u8." />
        <TextLine {...text('description')} hint="At most 128 bytes." />
        <fieldset aria-label="Snapshot">
          <CheckBox checked={draft.hasSnapshot} onChange={(hasSnapshot) => set({ ...draft, hasSnapshot })}>
            Snapshot: store pictures of a push, and announce them over MNS
          </CheckBox>
        </fieldset>
        {draft.hasSnapshot && (
          <>
            <TextLine {...text('roleName')} hint="Any name." />
            <TextLine {...text('destBucket')} hint="For the pictures." />
            <TextLine {...text('notifyTopic')} hint="A topic of MNS." />
            <TextLine {...number('interval')} hint="Seconds between two pictures, 1 to 100." />
          </>
        )}
        <FormRefusal text={refusals.rest} />
        <div class="buttons">
          <button type="submit" class="primary">
            {isNew ? 'Create the channel' : 'Save'}
          </button>
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        </div>
      </Form>
    </Panel>
  );
}

function BucketField({ draft, onInput }: { readonly draft: ChannelDraft; readonly onInput: (text: string) => void }) {
  const { info, channels } = useConsole();
  const id = useId();
  const known = new Set([
    ...(info.value?.buckets.map(({ name }) => name) ?? []),
    ...(channels.value?.map(({ bucket }) => bucket) ?? []),
  ]);
  return (
    <>
      <TextLine label="Bucket" required list={id} value={draft.bucket} onInput={onInput} hint="One that exists." />
      <datalist id={id}>
        {[...known].map((bucket) => (
          <option key={bucket} value={bucket} />
        ))}
      </datalist>
    </>
  );
}
