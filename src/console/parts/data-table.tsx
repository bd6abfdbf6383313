import type { ComponentChildren } from 'preact';
import { day, timeOfDay } from '../format.ts';
import { LoadingText } from './loading.tsx';

export interface Column<Row> {
  readonly name: string;
  /** The name is only for screen readers. */
  readonly isNameHidden?: boolean;
  /** In the header instead of the name. */
  readonly heading?: ComponentChildren;
  /** CSS class of the header and the cells. */
  readonly class?: string;
  /** CSS class of the cells only. */
  readonly cellClass?: string;
  readonly cellTitle?: (row: Row) => string;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface DataTableProps<Row> {
  readonly class: string;
  /** Only for screen readers. */
  readonly caption?: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly rowClass?: (row: Row) => string;
}

export function DataTable<Row>({ class: className, caption, columns, rows, keyOf, rowClass }: DataTableProps<Row>) {
  return (
    <table class={className}>
      {caption && <caption class="visually-hidden">{caption}</caption>}
      <thead>
        <tr>
          {columns.map(({ name, isNameHidden, heading = name, class: columnClass }) => (
            <th key={name} scope="col" class={columnClass}>
              {isNameHidden ? <span class="visually-hidden">{name}</span> : heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} class={rowClass?.(row)}>
            {columns.map(({ name, class: columnClass = '', cellClass = '', cellTitle, cell }) => (
              <td key={name} class={`${cellClass} ${columnClass}`.trim() || undefined} title={cellTitle?.(row)}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export interface ListTableProps<Row> extends Omit<DataTableProps<Row>, 'class' | 'rows'> {
  readonly class?: string;
  /** Undefined before the first answer. */
  readonly rows: readonly Row[] | undefined;
  readonly empty?: ComponentChildren;
}

/** A table of an answer; shows `empty` when there are no rows. */
export function ListTable<Row>({ class: className = 'history', rows, empty, ...table }: ListTableProps<Row>) {
  if (!rows) return <LoadingText />;
  if (rows.length > 0) return <DataTable class={className} rows={rows} {...table} />;
  return empty ? <p class="quiet">{empty}</p> : null;
}

/** Day and time of day; the tooltip has the whole time in UTC. */
export function timeColumn<Row>(name: string, timeMs: (row: Row) => number, dayClass = 'quiet'): Column<Row> {
  return {
    name,
    cellTitle: (row) => new Date(timeMs(row)).toISOString(),
    cell: (row) => (
      <>
        <span class={dayClass}>{day(timeMs(row)).slice(5)}</span> {timeOfDay(timeMs(row))}
      </>
    ),
  };
}

/** The column of the buttons. */
export function buttonColumn<Row>(name: string, cell: Column<Row>['cell']): Column<Row> {
  return { name, isNameHidden: true, cellClass: 'number', cell };
}
