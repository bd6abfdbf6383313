import { day, timeOfDayMs } from '../format.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import type { Entry } from './entry.ts';

export interface LogTableProps {
  readonly entries: readonly Entry[];
  readonly openId: number | undefined;
  readonly onOpen: (id: number | undefined) => void;
}

/** The id of the button that opens an entry. */
export function rowId(entryId: number): string {
  return `entry-${entryId}`;
}

/** One row for each entry. The button in it shows everything about the entry. */
export function LogTable({ entries, openId, onOpen }: LogTableProps) {
  const columns: readonly Column<Entry>[] = [
    {
      name: 'Time',
      cellClass: 'mono',
      cellTitle: ({ atMs }) => `${day(atMs)} (${new Date(atMs).toISOString()})`,
      cell: ({ atMs }) => timeOfDayMs(atMs),
    },
    {
      name: 'What',
      cell: ({ id, what, where }) => (
        <>
          <button
            type="button"
            class="row-button"
            id={rowId(id)}
            aria-expanded={id === openId}
            onClick={() => onOpen(id === openId ? undefined : id)}
          >
            {what}
          </button>
          <span class="narrow-only quiet">{where}</span>
        </>
      ),
    },
    { name: 'Where', class: 'wide-only', cellClass: 'where', cell: ({ where }) => where },
    { name: 'Outcome', cellClass: 'outcome', cell: ({ outcome }) => outcome },
    { name: 'Reason', class: 'reason wide-only', cell: ({ reason }) => reason },
  ];
  return (
    <DataTable
      class="log-table"
      caption="What happened, latest first"
      columns={columns}
      rows={entries}
      keyOf={({ id }) => id}
      rowClass={({ id, tone }) => `tone-${tone}${id === openId ? ' open' : ''}`}
    />
  );
}
