import { day, timeOfDayMs } from '../format.ts';
import type { Entry } from './entry.ts';

export interface LogTableProps {
  readonly entries: readonly Entry[];
  readonly openId: number | undefined;
  readonly onOpen: (id: number | undefined) => void;
}

/** One line per entry; its first cell holds the button that shows everything about it. */
export function LogTable({ entries, openId, onOpen }: LogTableProps) {
  return (
    <table class="log-table">
      <caption class="visually-hidden">What happened, latest first</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What</th>
          <th scope="col">Where</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="reason wide-only">
            Reason
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <LogRow key={entry.id} entry={entry} isOpen={entry.id === openId} onOpen={onOpen} />
        ))}
      </tbody>
    </table>
  );
}

function LogRow(props: { readonly entry: Entry; readonly isOpen: boolean; readonly onOpen: LogTableProps['onOpen'] }) {
  const { id, atMs, tone, what, where, outcome, reason } = props.entry;
  return (
    <tr class={`tone-${tone}${props.isOpen ? ' open' : ''}`}>
      <td class="mono" title={`${day(atMs)} (${new Date(atMs).toISOString()})`}>
        {timeOfDayMs(atMs)}
      </td>
      <td>
        <button
          type="button"
          class="row-button"
          aria-expanded={props.isOpen}
          onClick={() => props.onOpen(props.isOpen ? undefined : id)}
        >
          {what}
        </button>
      </td>
      <td class="where">{where}</td>
      <td class="outcome">{outcome}</td>
      <td class="reason wide-only">{reason}</td>
    </tr>
  );
}
