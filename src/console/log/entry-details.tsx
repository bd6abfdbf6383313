import { useEffect, useRef } from 'preact/hooks';
import { timeOfDayMs } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Comparison } from './comparison.tsx';
import type { Entry } from './entry.ts';
import { RepeatPart } from './repeat-part.tsx';

/** Everything about one entry; for a refusal the reason and the comparison come first. */
export function EntryDetails({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }) {
  const { what, where, outcome, tone, reason, comparison, requestId, facts, atMs } = entry;
  const text = [...facts, ...(reason ? [['reason', reason]] : [])]
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
  const { details, giveBack } = useFocus(entry.id);
  const close = () => {
    onClose();
    giveBack();
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

/**
 * Hundreds of lines may be between an entry and its details, so the focus goes to the details.
 * Returns the element that gets it, and a function that gives it back.
 */
function useFocus(entryId: number) {
  const details = useRef<HTMLElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    opener.current = document.activeElement;
    details.current?.focus();
  }, [entryId]);
  const giveBack = () => {
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  return { details, giveBack };
}
