import { useState } from 'preact/hooks';
import { count } from '../format.ts';
import { Field, FormRefusal } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { LongCallProgress, useLongCall } from '../parts/long-call.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { useRefusals } from '../state/refusal.ts';
import { SEED_EXAMPLES } from './seed-examples.ts';

/** A longer file is sent as it is, and not shown. */
const MAX_SHOWN_BYTES = 256 * 1024;

const SEEDING = 'Seeding';

/** Makes buckets, objects, channels and recordings of a document that is typed, pasted or chosen. */
export function SeedPanel({ onDone }: { readonly onDone: () => void }) {
  const { longApi } = useConsole();
  const { value: text, set, clear } = useDraft('seed', '');
  const [file, setFile] = useState<File>();
  const [made, setMade] = useState<string>();
  const { isRunning, run } = useLongCall(SEEDING);
  const refusals = useRefusals([]);
  const write = (typed: string) => {
    setFile(undefined);
    set(typed);
  };
  const choose = async (chosen: File | undefined) => {
    if (!chosen) return;
    if (chosen.size > MAX_SHOWN_BYTES) setFile(chosen);
    else write(await chosen.text());
  };
  const seed = async () => {
    setMade(undefined);
    await refusals.attempt(async () => {
      const sent = await run((report) => longApi.call('seed', { body: file ?? text }, report));
      setMade(
        `Made ${count(sent.buckets, 'bucket')}, ${count(sent.objects, 'object')}, ${count(sent.channels, 'channel')} and ${count(sent.fragments, 'fragment')} in ${(sent.durationMs / 1000).toFixed(1)} s.`,
      );
      setFile(undefined);
      clear();
    });
    onDone();
  };
  return (
    <Panel
      name="Seed"
      header={
        <div class="examples">
          {SEED_EXAMPLES.map(({ name, seed: example }) => (
            <button key={name} type="button" class="small" onClick={() => write(JSON.stringify(example, undefined, 2))}>
              {name}
            </button>
          ))}
        </div>
      }
    >
      <Form class="seed-form" onSubmit={seed}>
        {file ? (
          <p>
            {file.name} is too long to be shown here.{' '}
            <button type="button" class="small" onClick={() => setFile(undefined)}>
              Take it away
            </button>
          </p>
        ) : (
          <Field
            label="Seed document"
            hint="JSON. It adds to what there is; objects of the same key and channels of the same name are replaced."
          >
            {(attributes) => (
              <textarea
                {...attributes}
                spellcheck={false}
                value={text}
                placeholder="Choose an example, paste a document, or choose a file."
                onInput={({ currentTarget }) => write(currentTarget.value)}
              />
            )}
          </Field>
        )}
        <FormRefusal text={refusals.rest} />
        <LongCallProgress label={SEEDING} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={isRunning || (!file && text.trim() === '')}>
            Seed
          </button>
          <label class="file-button">
            Choose a file
            <input
              type="file"
              accept=".json,application/json"
              onChange={({ currentTarget }) => {
                void choose(currentTarget.files?.[0]);
                currentTarget.value = '';
              }}
            />
          </label>
          <span role="status" class="quiet">
            {made}
          </span>
        </div>
      </Form>
    </Panel>
  );
}
