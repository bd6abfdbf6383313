import { useEffect } from 'preact/hooks';
import { count } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { describeWork } from './describe-work.ts';
import type { LongWork } from './long-work.ts';

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
  const { total, done, failed, bytes, reasons, state } = progress;
  const share = bytes && bytes.total > 0 ? bytes.done / bytes.total : (done + failed) / Math.max(1, total);
  return (
    <li>
      <p class="work-title">
        <strong>{work.title}</strong> <span role="status">{describeWork(progress, work.unit)}</span>
      </p>
      {work.isActive && <progress aria-label={work.title} value={state === 'finding' ? undefined : share} />}
      {work.isActive ? (
        <button type="button" class="small" onClick={() => work.cancel()}>
          Cancel
        </button>
      ) : (
        <button type="button" class="small" aria-label={`Dismiss ${work.title}`} onClick={onDismiss}>
          Dismiss
        </button>
      )}
      {reasons.length > 0 && (
        <ul class="work-reasons">
          {reasons.map(({ reason, count: times, first }) => (
            <li key={reason}>
              {count(times, 'time')}, first <code>{first}</code>: {reason}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
