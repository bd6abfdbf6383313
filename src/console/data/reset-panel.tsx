import { useState } from 'preact/hooks';
import type { BucketUsageItem } from '../api-client.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Choice } from '../parts/field.tsx';
import { LongCallProgress, useLongCall } from '../parts/long-call.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { WhatGoes } from './what-goes.tsx';

export interface ResetPanelProps {
  readonly buckets: readonly BucketUsageItem[];
  readonly onDone: () => void;
}

const RESETTING = 'Resetting';

/** Back to how the emulator was started, as a whole or in one bucket. */
export function ResetPanel({ buckets, onDone }: ResetPanelProps) {
  const { longApi, notice } = useConsole();
  const [bucket, setBucket] = useState('');
  const [isDone, setDone] = useState(false);
  const { isRunning, run } = useLongCall(RESETTING);
  // The chosen one may be gone meanwhile.
  const only = buckets.some(({ name }) => name === bucket) ? bucket : undefined;
  const reset = async () => {
    setDone(false);
    try {
      await run((report) => longApi.call('reset', { body: only === undefined ? {} : { bucket: only } }, report));
      setDone(true);
    } finally {
      onDone();
    }
  };
  return (
    <Panel name="Reset">
      <div class="data-form">
        <Choice
          label="What"
          choices={[['', 'Everything'], ...buckets.map(({ name }) => [name, `The bucket ${name}`] as const)]}
          value={only ?? ''}
          onChoose={setBucket}
        />
        <LongCallProgress label={RESETTING} />
        <div class="buttons">
          <ConfirmButton
            class="danger"
            isDisabled={isRunning}
            title={only === undefined ? 'Reset everything?' : `Reset the bucket ${only}?`}
            verb={only === undefined ? 'Reset everything' : 'Reset the bucket'}
            consequence={
              <>
                <WhatGoes buckets={buckets} {...(only !== undefined && { only })} />
                <p>What the emulator was started with is made again.</p>
              </>
            }
            action={async () => void notice.attempt(reset)}
          >
            Reset …
          </ConfirmButton>
          <span role="status" class="quiet">
            {isDone && 'It is as it was started.'}
          </span>
        </div>
      </div>
    </Panel>
  );
}
