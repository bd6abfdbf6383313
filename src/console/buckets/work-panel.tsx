import { useEffect } from 'preact/hooks';
import { count } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { Progress, type ProgressProps } from '../parts/progress.tsx';
import { useConsole } from '../state/context.ts';
import { describeWork } from './describe-work.ts';
import type { LongWork, Progressed } from './long-work.ts';

/** Uploads and deletions: how far they are, and what failed. */
export function WorkPanel() {
  const { works } = useConsole();
  const all = works.all.value;
  const isActive = works.isActive.value;
  useEffect(() => {
    if (!isActive) return;
    const warn = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isActive]);
  if (all.length === 0) return null;
  return (
    <Panel name="Work" class="works" title={isActive ? 'In progress' : 'Done'}>
      <ul>
        {all.map((work, index) => (
          <WorkItem key={index} work={work} onDismiss={() => works.dismiss(work)} />
        ))}
      </ul>
    </Panel>
  );
}

function WorkItem({ work, onDismiss }: { readonly work: LongWork; readonly onDismiss: () => void }) {
  const progress = work.progress.value;
  return (
    <li>
      {work.isActive ? (
        <Progress label={work.title} {...shareOf(progress)}>
          {describeWork(progress, work.unit)}{' '}
          <button type="button" class="small" onClick={() => work.cancel()}>
            Cancel
          </button>
        </Progress>
      ) : (
        <p class="ended-work" role="status">
          <strong>{work.title}</strong> {describeWork(progress, work.unit)}
          <button type="button" class="small" aria-label={`Dismiss ${work.title}`} onClick={onDismiss}>
            Dismiss
          </button>
        </p>
      )}
      <FailureReasons reasons={progress.reasons} />
    </li>
  );
}

/** In bytes where there are any, because files differ in size. */
function shareOf({ state, total, done, failed, bytes }: Progressed): Pick<ProgressProps, 'done' | 'total'> {
  if (state === 'finding') return { done: 0, total: undefined };
  return bytes && bytes.total > 0 ? bytes : { done: done + failed, total };
}

function FailureReasons({ reasons }: Pick<Progressed, 'reasons'>) {
  if (reasons.length === 0) return null;
  return (
    <ul class="work-reasons">
      {reasons.map(({ reason, count: times, first }) => (
        <li key={reason}>
          {count(times, 'time')}, first <code>{first}</code>: {reason}
        </li>
      ))}
    </ul>
  );
}
