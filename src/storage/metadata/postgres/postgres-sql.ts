import { CompiledQuery, type Kysely, sql } from 'kysely';
import { hasErrorCode } from '../../../base/error-code.ts';
import { DatabaseFault } from '../../postgres/database-fault.ts';
import type { NamedLocation } from '../records.ts';
import { checked } from '../sql/check-fence.ts';
import { firstRow } from '../sql/compiled.ts';
import { clearDocuments } from '../sql/document-rows.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION } from '../sql/object-columns.ts';
import { bucketIsMissing } from '../sql/references.ts';
import type { CountedUsage, SqlDialect } from '../sql/sql-dialect.ts';
import { TABLE_NAMES, type Tables } from '../sql/tables.ts';

/** Not serializable, a deadlock, and a row that another transaction has inserted first. */
const IN_THE_WAY = ['40001', '40P01', '23505'];
const MAX_ATTEMPTS = 8;
const MAX_LOSSES = 3;

const LOCK_KEY = CompiledQuery.raw(`
  select pg_advisory_xact_lock(hashtextextended(name || '/' || $2::text, 0))
  from (select name from buckets where name = $1 for key share) as locked
`);

/** There is no U+0000 in a text of PostgreSQL. */
export const POSTGRES_SQL: SqlDialect = {
  firstCharacter: '\u0001',
  rightAfter: (name) => sql`${name} || chr(1)`,
  delimiterPosition: (name, prefix, delimiter) =>
    sql`strpos(substr(${name}, ${sql.lit(charactersIn(prefix) + 1)}), ${delimiter})`,
  cutAtDelimiter: (name, prefix, position, end) =>
    sql`substr(${name}, 1, ${sql.lit(charactersIn(prefix) - 1)} + ${position}) || ${end}`,
  joinInOrder: sql`join`,
  smaller: (one, other) => sql`least(${one}, ${other})`,
  jsonColumn: (column, condition = sql`true`) =>
    sql`coalesce(json_agg(${column}) filter (where ${condition}), '[]')::text`,
  jsonArray: (values) => sql`json_build_array(${sql.join(values)})`,
  jsonText: (column, name) => sql`${sql.ref(column)}::json ->> ${sql.lit(name)}`,
  jsonRows: (json) => sql`json_array_elements(${json}::json) as element (value)`,
  field: (index, type) => sql`(value ->> ${sql.lit(index)})::${sql.raw(type)}`,
  whole: (value) => sql`trunc(${value})::bigint`,
  randomEtag: sql`upper(md5(random()::text))`,
  objectIdOr: (id) => sql`coalesce(${id}::bigint, nextval('"objectIds"'))`,
  nextObjectId: sql`select nextval('"objectIds"') as id`,
  async raiseObjectIds(trx) {
    await sql`
      select setval('"objectIds"', greatest(nextval('"objectIds"'), (select coalesce(max(id), 0) from objects)))
    `.execute(trx);
  },
  async newObjectIds(trx, count) {
    const { rows } = await sql<{ id: number }>`
      select nextval('"objectIds"') as id from generate_series(1, ${count}::integer)
    `.execute(trx);
    return rows.map(({ id }) => id).sort((a, b) => a - b);
  },
  readUsage,
  async clearAll(trx) {
    const cleared = TABLE_NAMES.filter((table) => table !== 'documents');
    const tables = sql.join(cleared.map((table) => sql.table(table)));
    // Nobody may add a row between the two.
    await sql`lock table ${tables} in access exclusive mode`.execute(trx);
    const named = await sql<NamedLocation>`select location from objects union all select location from parts`.execute(
      trx,
    );
    await sql`truncate ${tables}`.execute(trx);
    await clearDocuments(trx);
    return named.rows;
  },
  snapshot: (db, read) => db.transaction().setIsolationLevel('repeatable read').execute(read),
  async transaction(db, work) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Each statement sees what was committed before it, whatever the server has as its default.
        return await db.transaction().setIsolationLevel('read committed').execute(work);
      } catch (error) {
        // What was not committed was not done. After the loss of a connection the next one is waited for.
        const isLost = error instanceof DatabaseFault && error.isLoss && !error.mayBeDone && attempt < MAX_LOSSES;
        if (!isLost && (attempt === MAX_ATTEMPTS || !hasErrorCode(error, ...IN_THE_WAY))) throw error;
      }
    }
  },
  compiledTransaction: (db, fence, work) => POSTGRES_SQL.transaction(db, checked(fence, work)),
  runnerOf: (db) => db,
  locks: {
    // The row of the bucket first, which must not be deleted meanwhile; then the key, whose row may not be there yet. Whoever
    // reads in the same statement would read what was there before the wait.
    async key(trx, bucket, key) {
      const locked = await firstRow(trx, LOCK_KEY, [bucket, key]);
      if (!locked) throw bucketIsMissing(bucket);
    },
    async bucket(trx, bucket) {
      await sql`select from buckets where name = ${bucket} for update`.execute(trx);
    },
    async bucketSettings(trx, bucket) {
      const { rows } = await sql`select from buckets where name = ${bucket} for no key update`.execute(trx);
      return rows.length > 0;
    },
    async upload(trx, uploadId) {
      await sql`select from uploads where "uploadId" = ${uploadId} for update`.execute(trx);
    },
  },
};

/** `substr` and `strpos` count characters, not UTF-16 units. */
function charactersIn(text: string): number {
  return [...text].length;
}

/** Counts the rows: some 0.2 s for a million objects. */
async function readUsage(db: Kysely<Tables>, bucket: string): Promise<CountedUsage | undefined> {
  const ofBucket = sql`bucket = ${bucket}`;
  const { rows } = await sql<CountedUsage>`
    select
      coalesce(current.count, 0) + other.count - other.markers as "objectCount",
      other.markers as "deleteMarkerCount",
      current.bytes + other.bytes as "storageBytes",
      (select count(*) from channels where ${ofBucket}) as "liveChannelCount",
      (select count(*) from uploads where ${ofBucket}) as "multipartUploadCount"
    from buckets,
      (select count(*), coalesce(sum("sizeBytes"), 0) as bytes
       from objects where ${IS_CURRENT_OBJECT} and ${ofBucket}) as current,
      (select count(*), count(*) filter (where type = 'DeleteMarker') as markers, coalesce(sum("sizeBytes"), 0) as bytes
       from objects where ${IS_OTHER_VERSION} and ${ofBucket}) as other
    where buckets.name = ${bucket}
  `.execute(db);
  return rows[0];
}
