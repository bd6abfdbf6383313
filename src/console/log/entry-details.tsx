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
  return (
    <aside class="panel entry-details" aria-label="Details of the entry">
      <header>
        <h2>{what}</h2>
        <span class={`badge ${tone}`}>{outcome}</span>
        <CopyButton text={text} what="details" />
        <button type="button" class="plain" aria-label="Close the details" onClick={onClose}>
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
