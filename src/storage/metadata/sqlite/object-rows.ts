import { type Kysely, sql } from 'kysely';
import type { MetadataStore, ObjectListing, ObjectRecord, Page, PageQuery } from '../metadata-store.ts';
import { allRows, firstRow, onlyRow } from './compiled.ts';
import { commonPrefixOf, nameRange, toPage } from './name-ranges.ts';
import { refuseMissingBucket } from './references.ts';
import type { Tables } from './tables.ts';

type ObjectRow = Omit<ObjectRecord, 'headers' | 'restore'> & {
  readonly headers: string;
  readonly restore: string | null;
};
type ListQuery = PageQuery & { readonly delimiter: string };

const OBJECT_COLUMNS = [
  'bucket',
  'key',
  'type',
  'sizeBytes',
  'etag',
  'lastModifiedMs',
  'acl',
  'location',
  'crc64',
  'contentMd5',
  'headers',
  'restore',
  'accessedMs',
] as const satisfies readonly (keyof ObjectRow)[];

/** A placeholder for the row when a query is compiled; its columns are in the order of OBJECT_COLUMNS. */
const ANY_ROW: ObjectRow = {
  bucket: '',
  key: '',
  type: 'Normal',
  sizeBytes: 0,
  etag: '',
  lastModifiedMs: 0,
  acl: 'default',
  location: '',
  crc64: null,
  contentMd5: null,
  headers: '',
  restore: null,
  accessedMs: null,
};

type ObjectQueries = Pick<MetadataStore, 'putObject' | 'getObject' | 'deleteObject' | 'listObjects'>;

export function objectQueries(db: Kysely<Tables>): ObjectQueries {
  const byKey = db
    .selectFrom('objects')
    .select(OBJECT_COLUMNS)
    .where('bucket', '=', '')
    .where('key', '=', '')
    .compile();
  const replace = objectReplacer(db);
  return {
    putObject: async (object) => {
      const put = await db.transaction().execute((trx) => replace(trx, object));
      return put.replacedLocation;
    },
    getObject: async (bucket, key) => {
      const row = await firstRow(db, byKey, [bucket, key]);
      return row && toObject(row);
    },
    deleteObject: (bucket, key) => deleteObject(db, bucket, key),
    listObjects: (bucket, query) => listObjects(db, bucket, query),
  };
}

/**
 * Inserts the object or replaces it. When its bytes change, the fragment that it contained is deleted; a new ACL or tag
 * does not delete it. Must run in a transaction.
 */
export type ReplaceObject = (
  trx: Kysely<Tables>,
  object: ObjectRecord,
) => Promise<{ id: number; replacedLocation: string | undefined }>;

export function objectReplacer(db: Kysely<Tables>): ReplaceObject {
  const select = db.selectFrom('objects').select(['id', 'location']).where('bucket', '=', '').where('key', '=', '');
  const byKey = select.compile();
  const insert = db.insertInto('objects').values(ANY_ROW).returning('id').compile();
  const update = db.updateTable('objects').set(ANY_ROW).where('id', '=', 0).compile();
  const deleteFragment = db.deleteFrom('fragments').where('objectId', '=', 0).where('path', 'is', null).compile();
  return async (trx, object) => {
    const row = toRow(object);
    const values = OBJECT_COLUMNS.map((column) => row[column]);
    const existing = await firstRow(trx, byKey, [object.bucket, object.key]);
    if (!existing) {
      const { id } = await refuseMissingBucket(onlyRow(trx, insert, values), object.bucket);
      return { id, replacedLocation: undefined };
    }
    await allRows(trx, update, [...values, existing.id]);
    if (existing.location !== object.location) await allRows(trx, deleteFragment, [existing.id]);
    return { id: existing.id, replacedLocation: existing.location };
  };
}

async function deleteObject(db: Kysely<Tables>, bucket: string, key: string): Promise<string | undefined> {
  const deleted = await db
    .deleteFrom('objects')
    .where('bucket', '=', bucket)
    .where('key', '=', key)
    .returning('location')
    .executeTakeFirst();
  return deleted?.location;
}

async function listObjects(db: Kysely<Tables>, bucket: string, query: ListQuery): Promise<Page<ObjectListing>> {
  const rows =
    query.delimiter === '' ? await everyObject(db, bucket, query) : await firstOfEachEntry(db, bucket, query);
  return toPage(rows, query.limit, (row) => {
    const commonPrefix = commonPrefixOf(row.key, query.prefix, query.delimiter);
    return commonPrefix === undefined ? { object: toObject(row) } : { commonPrefix };
  });
}

function everyObject(db: Kysely<Tables>, bucket: string, query: ListQuery): Promise<readonly ObjectRow[]> {
  const { from, end } = nameRange(query);
  return db
    .selectFrom('objects')
    .select(OBJECT_COLUMNS)
    .where('bucket', '=', bucket)
    .where('key', '>=', from)
    .where('key', '<', end)
    .orderBy('key')
    .limit(query.limit + 1)
    .execute();
}

/**
 * The objects of the listing, and for every common prefix only its first object: one search in the index per entry, so
 * that a folder of a million objects takes no longer than a folder of one.
 *
 * Positions are computed on bytes, because SQLite's text functions end at a NUL. After the key `a/b/c` with the
 * delimiter `/` after the prefix `a/` the search continues at `a/b/ FF`, after a single key at `key 00`.
 */
async function firstOfEachEntry(db: Kysely<Tables>, bucket: string, query: ListQuery): Promise<readonly ObjectRow[]> {
  const { from, end } = nameRange(query, query.delimiter);
  const prefixBytes = Buffer.byteLength(query.prefix);
  const delimiter = Buffer.from(query.delimiter);
  const keyBytes = sql`cast(entry.key as blob)`;
  const behindPrefix = sql`instr(substr(${keyBytes}, ${prefixBytes + 1}), ${delimiter})`;
  const commonPrefix = sql`substr(${keyBytes}, 1, ${prefixBytes + delimiter.length - 1} + ${behindPrefix})`;
  const next = sql`cast(case ${behindPrefix} when 0 then ${keyBytes} || x'00' else ${commonPrefix} || x'ff' end as text)`;
  const { rows } = await sql<ObjectRow>`
    with recursive entry (key) as (
      select min(key) from objects where bucket = ${bucket} and key >= ${from} and key < ${end}
      union all
      select (select min(key) from objects where bucket = ${bucket} and key >= ${next} and key < ${end})
      from entry where entry.key is not null
      limit ${query.limit + 1}
    )
    select ${sql.join(OBJECT_COLUMNS.map((column) => sql.ref(`objects.${column}`)))}
    from entry cross join objects on objects.bucket = ${bucket} and objects.key = entry.key
    order by entry.key
  `.execute(db);
  return rows;
}

function toRow(object: ObjectRecord): ObjectRow {
  const restore = object.restore && JSON.stringify(object.restore);
  return { ...object, headers: JSON.stringify(object.headers), restore };
}

function toObject(row: ObjectRow): ObjectRecord {
  return { ...row, headers: JSON.parse(row.headers), restore: row.restore === null ? null : JSON.parse(row.restore) };
}
