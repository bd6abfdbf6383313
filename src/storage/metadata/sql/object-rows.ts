import { type Kysely, sql } from 'kysely';
import type { MetadataStore, ObjectListing, Page, PageQuery } from '../metadata-store.ts';
import { type CurrentRow, currentObjectReader, currentObjects } from './find-version.ts';
import { firstKeys } from './first-keys.ts';
import { commonPrefixOf, nameRange, toPage } from './name-ranges.ts';
import { IS_CURRENT_OBJECT, OBJECT_COLUMNS, toObject } from './object-columns.ts';
import { objectWriter } from './object-writer.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

type ListQuery = PageQuery & { readonly delimiter: string };

type ObjectQueries = Pick<MetadataStore, 'putObject' | 'getObject' | 'listObjects'>;

export function objectQueries(db: Kysely<Tables>, dialect: SqlDialect): ObjectQueries {
  const read = currentObjectReader(db);
  const write = objectWriter(db, dialect);
  return {
    putObject: (object, check, fence) => dialect.compiledTransaction(db, fence, (trx) => write(trx, object, check)),
    getObject: (bucket, key) => read(dialect.runnerOf(db), bucket, key),
    listObjects: (bucket, query) => listObjects(db, dialect, bucket, query),
  };
}

async function listObjects(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: ListQuery,
): Promise<Page<ObjectListing>> {
  const rows =
    query.delimiter === ''
      ? await everyObject(db, dialect, bucket, query)
      : await firstOfEachEntry(db, dialect, bucket, query);
  return toPage(rows, query.limit, (row) => {
    const commonPrefix = commonPrefixOf(row.key, query.prefix, query.delimiter);
    return commonPrefix === undefined ? { object: toObject(row) } : { commonPrefix };
  });
}

function everyObject(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: ListQuery,
): Promise<readonly CurrentRow[]> {
  const { from, end } = nameRange(query, dialect);
  return currentObjects(db)
    .where('bucket', '=', bucket)
    .where('key', '>=', from)
    .where('key', '<', end)
    .orderBy('key')
    .limit(query.limit + 1)
    .execute();
}

/** The objects of the listing, and for every common prefix only its first object. */
async function firstOfEachEntry(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: ListQuery,
): Promise<readonly CurrentRow[]> {
  const firstKey = sql`select min(key) from objects where ${IS_CURRENT_OBJECT} and bucket = ${bucket}`;
  const { rows } = await sql<CurrentRow>`
    with recursive ${firstKeys(query, dialect, (from, end) => sql`${firstKey} and key >= ${from} and key < ${end}`)}
    select ${sql.join(OBJECT_COLUMNS.map((column) => sql.ref(`objects.${column}`)))}
    from entry ${dialect.joinInOrder} objects on objects.bucket = ${bucket} and objects.key = entry.key and ${IS_CURRENT_OBJECT}
    order by entry.key
  `.execute(db);
  return rows;
}
