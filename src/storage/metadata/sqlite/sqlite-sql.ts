import { sql } from 'kysely';
import { clearDocuments } from '../sql/document-rows.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';
import type { OneConnection } from './one-connection.ts';

/** Positions are computed on bytes, because SQLite's text functions end at a NUL. There is one connection, so one transaction. */
export function sqliteDialect(connection: OneConnection): SqlDialect {
  const dialect: SqlDialect = {
    firstCharacter: '\0',
    rightAfter: (name) => sql`cast(cast(${name} as blob) || x'00' as text)`,
    delimiterPosition: (name, prefix, delimiter) =>
      sql`instr(substr(cast(${name} as blob), ${Buffer.byteLength(prefix) + 1}), ${Buffer.from(delimiter)})`,
    cutAtDelimiter: (name, prefix, position, end) => sql`
      cast(substr(cast(${name} as blob), 1, ${Buffer.byteLength(prefix) - 1} + ${position}) || ${Buffer.from(end)} as text)
    `,
    joinInOrder: sql`cross join`,
    smaller: (one, other) => sql`coalesce(min(${one}, ${other}), ${one}, ${other})`,
    jsonColumn: (column, condition) =>
      condition ? sql`json_group_array(${column}) filter (where ${condition})` : sql`json_group_array(${column})`,
    jsonArray: (values) => sql`json_array(${sql.join(values)})`,
    jsonText: (column, name) => sql`${sql.ref(column)} ->> ${sql.lit(name)}`,
    jsonRows: (json) => sql`json_each(${json})`,
    field: (index) => sql`value ->> ${sql.lit(index)}`,
    whole: (value) => sql`cast(${value} as integer)`,
    randomEtag: sql`hex(randomblob(16))`,
    objectIdOr: (id) => id,
    nextObjectId: sql`select coalesce(max(id), 0) + 1 as id from objects`,
    // The next one is found by the highest that there is.
    raiseObjectIds: async () => {},
    async newObjectIds(trx, count) {
      const { rows } = await dialect.nextObjectId.execute(trx);
      return Array.from({ length: count }, (_, index) => (rows[0]?.id ?? 1) + index);
    },
    readUsage: (db, bucket) =>
      db
        .selectFrom('buckets')
        .select(['objectCount', 'deleteMarkerCount', 'storageBytes', 'liveChannelCount', 'multipartUploadCount'])
        .where('name', '=', bucket)
        .executeTakeFirst(),
    /** Buckets are deleted first, so that the triggers for their counters have nothing to update. */
    async clearAll(trx) {
      await sql`pragma defer_foreign_keys = on`.execute(trx);
      for (const table of ['buckets', 'fragments', 'livePlaylists'] as const) await trx.deleteFrom(table).execute();
      const ofObjects = await trx.deleteFrom('objects').returning('location').execute();
      const ofParts = await trx.deleteFrom('parts').returning('location').execute();
      for (const table of ['uploads', 'channels', 'sessions'] as const) await trx.deleteFrom(table).execute();
      await clearDocuments(trx);
      return [...ofObjects, ...ofParts];
    },
    snapshot: (db, read) => db.transaction().execute(read),
    transaction: (db, work) => db.transaction().execute(work),
    // It has no leases.
    compiledTransaction: (_db, _fence, work) => connection.transaction(work),
    runnerOf: () => connection,
    locks: undefined,
  };
  return dialect;
}
