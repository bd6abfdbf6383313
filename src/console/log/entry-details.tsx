import { useLayoutEffect, useRef } from 'preact/hooks';
import { timeOfDayMs } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { focusMain } from '../parts/main-focus.ts';
import { Comparison } from './comparison.tsx';
import type { Entry } from './entry.ts';
import { rowId } from './log-table.tsx';
import { RepeatPart } from './repeat-part.tsx';

/** Everything about one entry; for a refusal the reason and the comparison come first. */
export function EntryDetails({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }) {
  const { what, where, outcome, tone, reason, comparison, requestId, facts, atMs } = entry;
  const text = [...facts, ...(reason ? [['reason', reason]] : [])]
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
  const details = useRef<HTMLElement>(null);
  // Hundreds of lines may be between an entry and its details; a key that is pressed at once is for them.
  useLayoutEffect(() => details.current?.focus(), [entry.id]);
  const close = () => {
    onClose();
    const row = document.getElementById(rowId(entry.id));
    if (row) row.focus();
    else focusMain();
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') close();
  };
  return (
    <aside
      class="panel entry-details"
      aria-label="Details of the entry"
      ref={details}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <header>
        <h2>{what}</h2>
        <span class={`badge ${tone}`}>{outcome}</span>
        <CopyButton text={text} what="details" />
        <button type="button" class="plain" aria-label="Close the details" onClick={close}>
          <Icon name="cross" />
        </button>
      </header>
      <p class="quiet">
        {where} at {timeOfDayMs(atMs)}
      </p>
      {reason && <p class={`why tone-${tone}`}>{reason}</p>}
      {comparison && <Comparison comparison={comparison} />}
      {requestId !== undefined && <RepeatPart key={requestId} requestId={requestId} />}
      <dl class="entry-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
