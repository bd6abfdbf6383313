/** What can still be read of a damaged database, and what a new one can take of it. */
import type { SqliteConnection } from '../../sqlite/sqlite-driver.ts';
import { TABLE_NAMES } from '../sql/tables.ts';

type Value = string | number | bigint | Buffer | null;
type Row = Readonly<Record<string, Value>>;

export interface RescuedTable {
  readonly table: string;
  readonly rows: number;
  /** Whether every row of it could be read; one that needs a row of another table may be left out all the same. */
  readonly isWhole: boolean;
}

/** Columns of `buckets` that triggers keep. */
const COUNTERS = new Set([
  'objectCount',
  'deleteMarkerCount',
  'storageBytes',
  'liveChannelCount',
  'multipartUploadCount',
]);

/** Copies every row that can be read into a new, empty database of the present version, whose triggers count what is added. */
export function rescueRows(damaged: SqliteConnection, fresh: SqliteConnection): readonly RescuedTable[] {
  fresh.exec('pragma foreign_keys = off; begin');
  const rescued = TABLE_NAMES.map((table) => ({ table, isWhole: rescueTable(damaged, fresh, table) }));
  addMissingBuckets(fresh);
  dropDangling(fresh);
  fresh.exec('commit');
  return rescued.map(({ table, isWhole }) => ({ table, isWhole, rows: countRows(fresh, table) }));
}

/** Whether every row could be read. */
function rescueTable(damaged: SqliteConnection, fresh: SqliteConnection, table: string): boolean {
  const columns = fresh
    .prepare(`select name, pk from pragma_table_info('${table}')`)
    .all([])
    .flatMap((row) => (isRow(row) ? [{ name: String(row.name), pk: Number(row.pk) }] : []))
    .filter(({ name }) => !COUNTERS.has(name));
  const names = columns.map(({ name }) => name);
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const places = names.map(() => '?').join(', ');
  const insert = fresh.prepare(`insert or ignore into ${table} (${names.join(', ')}) values (${places})`);
  const take = (row: Row) => void insert.run(names.map((name) => row[name] ?? null));
  const from = `select * from ${table}`;
  const order = (direction: string) => ` order by ${key.map(({ name }) => `${name} ${direction}`).join(', ')}`;
  // From both ends: a page that cannot be read ends each way, and only what lies between two such pages is lost.
  const isWhole = takeAll(damaged, from, take);
  if (!isWhole) for (const direction of ['asc', 'desc']) takeAll(damaged, from + order(direction), take);
  return isWhole;
}

function countRows(database: SqliteConnection, table: string): number {
  const [counted] = database.prepare(`select count(*) as rows from ${table}`).all([]);
  return isRow(counted) ? Number(counted.rows) : 0;
}

/** Whether it came to the end. */
function takeAll(damaged: SqliteConnection, query: string, take: (row: Row) => void): boolean {
  try {
    for (const row of damaged.prepare(query).iterate([])) if (isRow(row)) tryTake(row, take);
    return true;
  } catch {
    return false;
  }
}

/** A row that was read from a damaged page may not fit the table: it is left out. */
function tryTake(row: Row, take: (row: Row) => void): void {
  try {
    take(row);
  } catch {
    // Left out.
  }
}

/** A bucket whose row is lost comes back private, so that what is in it can be reached. */
function addMissingBuckets(fresh: SqliteConnection): void {
  for (const table of ['objects', 'uploads', 'channels']) {
    fresh.exec(
      `insert or ignore into buckets (name, acl, storageClass, createdMs, configurations)
         select distinct bucket, 'private', 'Standard', 0, '{}' from ${table}
         where bucket not in (select name from buckets)`,
    );
  }
  fresh.exec(
    `update buckets set
       objectCount = (select count(*) from objects where bucket = buckets.name and type <> 'DeleteMarker'),
       deleteMarkerCount = (select count(*) from objects where bucket = buckets.name and type = 'DeleteMarker'),
       storageBytes = (select coalesce(sum(sizeBytes), 0) from objects where bucket = buckets.name),
       liveChannelCount = (select count(*) from channels where bucket = buckets.name),
       multipartUploadCount = (select count(*) from uploads where bucket = buckets.name)`,
  );
}

/** Rows that refer to others which are lost, and keys that have lost their current version. */
function dropDangling(fresh: SqliteConnection): void {
  fresh.exec(
    `delete from parts where uploadId not in (select uploadId from uploads);
     delete from fragments where path is null and objectId not in (select id from objects);
     update fragments set objectId = null where objectId not in (select id from objects);
     delete from fragments where playlist not in (select number from livePlaylists);
     update objects set isCurrent = 1 where id in
       (select max(id) from objects group by bucket, key having sum(isCurrent) = 0)`,
  );
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
