import { type Kysely, sql } from 'kysely';
import type { EventLog, StoredBatch } from './event-log.ts';

/** Of all nodes: an hour of ten pushes, or a minute of a thousand. Twice what a node alone remembers. */
const KEPT_EVENTS = 20_000;
const KEPT_HOURS = 1;
/** In one answer. */
const READ_BATCHES = 50;

/**
 * A row is a batch of a node. Ids are given under the lock of one row, which lasts until the batch is committed: whoever sees an
 * id sees all lower ones.
 */
export function postgresEventLog(db: Kysely<Record<never, never>>): EventLog {
  return {
    async append({ owner, ownLastId, events }) {
      await sql`with counter as (
          update "eventCounter" set "lastId" = "lastId" + ${events.length}
          where not exists (select 1 from "eventBatches" where owner = ${owner} and "ownLastId" >= ${ownLastId})
          returning "lastId"
        )
        insert into "eventBatches" ("lastId", count, owner, "ownLastId", "storedAt", body)
        select "lastId", ${events.length}, ${owner}, ${ownLastId}, clock_timestamp(), ${`[${events.join(',')}]`}
        from counter`.execute(db);
    },
    async read(after) {
      const { rows } = await sql<StoredBatch>`select "lastId", count, body from "eventBatches"
        where "lastId" > ${after} order by "lastId" limit ${READ_BATCHES}`.execute(db);
      return rows;
    },
    async lastId() {
      const { rows } = await sql<{ lastId: number }>`select "lastId" from "eventCounter"`.execute(db);
      return rows[0]?.lastId ?? 0;
    },
    async forget() {
      await sql`delete from "eventBatches" where "lastId" <= (select "lastId" from "eventCounter") - ${KEPT_EVENTS}
        or "storedAt" < clock_timestamp() - ${KEPT_HOURS} * interval '1 hour'`.execute(db);
    },
  };
}
