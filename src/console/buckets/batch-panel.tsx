import { count } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { Progress, type ProgressProps } from '../parts/progress.tsx';
import { useConsole } from '../state/context.ts';
import type { Batch, BatchProgress } from './batch.ts';
import { describeBatch } from './describe-batch.ts';

/** Uploads and deletions: how far they are, and what failed. */
export function BatchPanel() {
  const { batches } = useConsole();
  const all = batches.all.value;
  const isActive = batches.isActive.value;
  if (all.length === 0) return null;
  return (
    <Panel name="Work" class="batches" title={isActive ? 'In progress' : 'Done'}>
      <ul>
        {all.map((batch, index) => (
          <BatchItem key={index} batch={batch} onDismiss={() => batches.dismiss(batch)} />
        ))}
      </ul>
    </Panel>
  );
}

function BatchItem({ batch, onDismiss }: { readonly batch: Batch; readonly onDismiss: () => void }) {
  const progress = batch.progress.value;
  return (
    <li>
      {batch.isActive ? (
        <RunningBatch batch={batch} />
      ) : (
        <p class="ended-batch" role="status">
          <strong>{batch.title}</strong> {describeBatch(progress, batch.unit)}
          <button type="button" class="small" aria-label={`Dismiss ${batch.title}`} onClick={onDismiss}>
            Dismiss
          </button>
        </p>
      )}
      <FailureReasons reasons={progress.reasons} />
    </li>
  );
}

/** How far a batch is that has not ended, and the button that ends it. */
export function RunningBatch({ batch }: { readonly batch: Batch }) {
  const progress = batch.progress.value;
  return (
    <Progress label={batch.title} {...shareOf(progress)}>
      {describeBatch(progress, batch.unit)}{' '}
      <button type="button" class="small" onClick={() => batch.cancel()}>
        Cancel
      </button>
    </Progress>
  );
}

/** In bytes where there are any, because files differ in size. */
function shareOf({ state, total, done, failed, bytes }: BatchProgress): Pick<ProgressProps, 'done' | 'total'> {
  if (state === 'finding') return { done: 0, total: undefined };
  return bytes && bytes.total > 0 ? bytes : { done: done + failed, total };
}

function FailureReasons({ reasons }: Pick<BatchProgress, 'reasons'>) {
  if (reasons.length === 0) return null;
  return (
    <ul class="batch-reasons">
      {reasons.map(({ reason, count: times, first }) => (
        <li key={reason}>
          {count(times, 'time')}, first <code>{first}</code>: {reason}
        </li>
      ))}
    </ul>
  );
}
