import type { RecordingItem, StreamItem } from '../api-client.ts';
import { inputTime } from '../format.ts';
import { FormRefusal, TextLine } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { useRefusals } from '../state/refusal.ts';
import { utcTime } from './record-config-draft.ts';

/** Under the names of CreateLiveStreamRecordIndexFiles; times in the time zone of the user. */
interface IndexFileDraft {
  readonly StartTime: string;
  readonly EndTime: string;
  readonly OssBucket: string;
  readonly OssObject: string;
}

export interface IndexFileFormProps {
  readonly stream: StreamItem;
  /** Of which the range is suggested. */
  readonly latest: RecordingItem;
  readonly onMade: () => void;
}

/** Makes one playlist of what was recorded of a stream in a range of time. */
export function IndexFileForm({ stream, latest, onMade }: IndexFileFormProps) {
  const { api, info, nowMs } = useConsole();
  const { domain, app, stream: name } = stream;
  const initial: IndexFileDraft = {
    StartTime: inputTime(latest.startedMs),
    EndTime: inputTime((latest.endedMs ?? nowMs.value ?? latest.startedMs) + 999),
    OssBucket: latest.bucket,
    OssObject: '{AppName}/{StreamName}/{Date}/{Hour}/{Minute}_{Second}.m3u8',
  };
  const { value: draft, set, clear } = useDraft(`index file ${domain}/${app}/${name}`, initial);
  const refusals = useRefusals(Object.keys(initial));
  const make = async () => {
    const isMade = await refusals.attempt(() =>
      api('runOperation', {
        params: { operation: 'CreateLiveStreamRecordIndexFiles' },
        body: {
          DomainName: domain === '*' ? 'live.example.com' : domain,
          AppName: app,
          StreamName: name,
          OssEndpoint: (info.value?.endpoint ?? '').replace(/^https?:\/\//, ''),
          OssBucket: draft.OssBucket,
          OssObject: draft.OssObject,
          StartTime: utcTime(draft.StartTime),
          EndTime: utcTime(draft.EndTime),
        },
      }),
    );
    if (!isMade) return;
    clear();
    onMade();
  };
  const text = (field: keyof IndexFileDraft) => ({
    label: field,
    value: draft[field],
    refusal: refusals.of(field),
    onInput: (typed: string) => set({ ...draft, [field]: typed }),
  });
  return (
    <Form class="checked-form index-file-form" onSubmit={make}>
      <TextLine {...text('StartTime')} type="datetime-local" />
      <TextLine {...text('EndTime')} type="datetime-local" />
      <TextLine {...text('OssBucket')} hint="For the file; slices stay where they are." />
      <TextLine {...text('OssObject')} hint="Its key, with variables as {Date}." />
      <FormRefusal text={refusals.rest} />
      <div class="buttons">
        <button type="submit">Make an index file</button>
      </div>
    </Form>
  );
}
