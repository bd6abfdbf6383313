import { type Kysely, type RawBuilder, sql } from 'kysely';
import { hasErrorCode } from '../../../base/error-code.ts';
import { errorText } from '../../../base/error-text.ts';
import { UsageError } from '../../../base/errors.ts';
import { resultCodeOf } from '../../sqlite/result-code.ts';
import type { MetadataStore } from '../metadata-store.ts';
import { BYTES_PLACE_KIND } from '../records.ts';
import { STORED_COLUMNS, type StoredRow, type StoredTable, type StoredValue } from '../stored-rows.ts';
import { checked } from './check-fence.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { TABLE_NAMES, type Tables } from './tables.ts';

/** Rows that are read or written by one statement: of 16 columns they are 8,000 parameters, of which SQLite takes 32,766. */
const BATCH_ROWS = 500;

/** What each table is ordered by: the order in which its rows were made, where others depend on it. */
const KEYS: Readonly<Record<StoredTable, readonly string[]>> = {
  buckets: ['name'],
  objects: ['id'],
  uploads: ['uploadId'],
  parts: ['uploadId', 'partNumber'],
  channels: ['bucket', 'name'],
  sessions: ['number'],
  livePlaylists: ['number'],
  fragments: ['source', 'startMs'],
  documents: ['kind', 'scope', 'name'],
};

/** Integrity constraint violations of PostgreSQL. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const VIOLATIONS = ['23502', '23503', '23505', '23514'];

type Row = Readonly<Record<string, StoredValue>>;

export function allRowQueries(db: Kysely<Tables>, dialect: SqlDialect): Pick<MetadataStore, 'readAll' | 'replaceAll'> {
  return {
    readAll: (take) =>
      dialect.snapshot(db, async (trx) => {
        for (const table of TABLE_NAMES) {
          for await (const rows of rowsOf(trx, table)) await take(rows.map((row) => ({ table, row })));
        }
      }),
    async replaceAll(rows, fence) {
      const replace = async (trx: Kysely<Tables>) => {
        const named = await dialect.clearAll(trx);
        const playlists = new Map<StoredValue, StoredValue>();
        for await (const batch of rows()) {
          for (const part of ofOneTable(batch)) await insert(trx, part, playlists);
        }
        await dialect.raiseObjectIds(trx);
        return named;
      };
      try {
        const named = await dialect.transaction(db, checked(fence, replace));
        return named.map(({ location }) => location).filter((location) => location !== '');
      } catch (error) {
        if (!resultCodeOf(error)?.startsWith('CONSTRAINT') && !hasErrorCode(error, ...VIOLATIONS)) throw error;
        throw new UsageError(`The rows contradict each other: ${errorText(error)}.`);
      }
    },
  };
}

/** In the order of the key of the table: each statement goes on behind the last row of the one before. */
async function* rowsOf(trx: Kysely<Tables>, table: StoredTable): AsyncGenerator<readonly Row[]> {
  const key = KEYS[table];
  const columns = references([...new Set([...key, ...STORED_COLUMNS[table]])]);
  const wanted = table === 'documents' ? sql`kind <> ${BYTES_PLACE_KIND}` : sql`true`;
  for (let last: Row | undefined; ; ) {
    const position: RawBuilder<unknown> = last
      ? sql`(${references(key)}) > (${sql.join(key.map((column) => sql.val(last?.[column])))})`
      : sql`true`;
    const { rows }: { rows: Row[] } = await sql<Row>`
      select ${columns} from ${sql.table(table)} where ${wanted} and ${position}
      order by ${references(key)} limit ${BATCH_ROWS}
    `.execute(trx);
    if (rows.length > 0) yield rows.map((row) => onlyStored(table, row));
    last = rows.at(-1);
    if (rows.length < BATCH_ROWS) return;
  }
}

function onlyStored(table: StoredTable, row: Row): Row {
  return Object.fromEntries(STORED_COLUMNS[table].map((column) => [column, row[column] ?? null]));
}

function references(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

interface RowsOfTable {
  readonly table: StoredTable;
  readonly rows: Row[];
}

/** Parts of a batch in its order, each of one table and no longer than a statement takes. */
function ofOneTable(batch: readonly StoredRow[]): readonly RowsOfTable[] {
  const parts: RowsOfTable[] = [];
  for (const { table, row } of batch) {
    const last = parts.at(-1);
    if (last?.table === table && last.rows.length < BATCH_ROWS) last.rows.push(row);
    else parts.push({ table, rows: [row] });
  }
  return parts;
}

/** @param playlists the number that each playlist has in this database, by the number that it had */
async function insert(
  trx: Kysely<Tables>,
  { table, rows }: RowsOfTable,
  playlists: Map<StoredValue, StoredValue>,
): Promise<void> {
  const columns = STORED_COLUMNS[table].filter((column) => column !== 'number');
  const stored = (row: Row, column: string): StoredValue => {
    const value = row[column] ?? null;
    return table === 'fragments' && column === 'playlist' ? (playlists.get(value) ?? value) : value;
  };
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => stored(row, column)))})`);
  const write = sql`insert into ${sql.table(table)} (${references(columns)}) values ${sql.join(values)}`;
  if (table !== 'livePlaylists') {
    await write.execute(trx);
    return;
  }
  const made = await sql<{ number: number; id: string }>`${write} returning number, id`.execute(trx);
  const numbers = new Map(made.rows.map(({ id, number }) => [id, number]));
  for (const { number, id } of rows) playlists.set(number ?? null, numbers.get(String(id)) ?? null);
}
