import { useState } from 'preact/hooks';
import type { BucketUsageItem } from '../api-client.ts';
import { count, day, fileSize, timeOfDay } from '../format.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { FormRefusal } from '../parts/field.tsx';
import { LongCallProgress, useLongCall } from '../parts/long-call.tsx';
import { Panel } from '../parts/panel.tsx';
import { saveAs } from '../save-as.ts';
import { useConsole } from '../state/context.ts';
import { useRefusals } from '../state/refusal.ts';
import { WhatGoes } from './what-goes.tsx';

export interface TransferPanelProps {
  readonly buckets: readonly BucketUsageItem[];
  readonly onDone: () => void;
}

const EXPORTING = 'Exporting';
const IMPORTING = 'Importing';

/** Everything as one file, and such a file in the place of everything. */
export function TransferPanel(props: TransferPanelProps) {
  return (
    <Panel name="Export and import">
      <Export />
      <Import {...props} />
    </Panel>
  );
}

function Export() {
  const { longApi, browserClock, notice } = useConsole();
  const { isRunning, run } = useLongCall(EXPORTING);
  const save = async () => {
    const file = await run((report) => longApi.download((done, total) => report({ done, total, unit: 'bytes' })));
    const nowMs = browserClock.now();
    saveFile(file, `oss-livechannel-${day(nowMs)}-${timeOfDay(nowMs).replaceAll(':', '')}.tar`);
  };
  return (
    <div class="data-form">
      <p class="hint">
        Everything that is stored, as one file for this emulator or another one; it has no access keys, but the secrets
        in what is configured: NotifyAuthKey, and tokens in the URLs of callbacks.
      </p>
      <LongCallProgress label={EXPORTING} />
      <div class="buttons">
        <button type="button" disabled={isRunning} onClick={() => notice.attempt(save)}>
          Export
        </button>
      </div>
    </div>
  );
}

function Import({ buckets, onDone }: TransferPanelProps) {
  const { longApi } = useConsole();
  const [file, setFile] = useState<File>();
  const [result, setResult] = useState<string>();
  const { isRunning, run } = useLongCall(IMPORTING);
  const refusals = useRefusals([]);
  const replace = async () => {
    if (!file) return;
    setResult(undefined);
    await refusals.attempt(async () => {
      const done = await run((report) => longApi.call('import', { body: file }, report));
      setResult(
        `Imported ${count(done.buckets, 'bucket')}, ${count(done.objects, 'object')} and ${count(done.channels, 'channel')}.`,
      );
      setFile(undefined);
    });
    onDone();
  };
  return (
    <div class="data-form">
      <p class="hint">An export in the place of everything there is. Nothing changes before the file was found good.</p>
      <FormRefusal text={refusals.rest} />
      <LongCallProgress label={IMPORTING} />
      <div class="buttons">
        <label class="file-button">
          {file ? `${file.name}, ${fileSize(file.size)}` : 'Choose a file'}
          <input
            type="file"
            aria-label="File to import"
            accept=".tar,application/x-tar"
            onChange={({ currentTarget }) => {
              setFile(currentTarget.files?.[0]);
              refusals.clear();
              setResult(undefined);
            }}
          />
        </label>
        <ConfirmButton
          class="danger"
          isDisabled={!file || isRunning}
          title={`Replace everything by ${file?.name}?`}
          verb="Replace everything"
          consequence={
            <>
              <WhatGoes buckets={buckets} />
              <p>In its place comes what the file has, and its clock.</p>
            </>
          }
          action={async () => void replace()}
        >
          Import …
        </ConfirmButton>
        <span role="status" class="quiet">
          {result}
        </span>
      </div>
    </div>
  );
}

function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  saveAs(url, name);
  URL.revokeObjectURL(url);
}
