import { type Kysely, sql } from 'kysely';
import type { MessageQueues, Queued } from './message-queues.ts';

const COLUMNS = sql.raw(
  'id, body, priority, "enqueuedMs", "nextVisibleMs", "firstDequeuedMs", "dequeueCount", "receiptHandle", number',
);

type Row = Queued & { readonly number: number };

/** A row is a message. Closes `db`. Of two nodes that receive at once, one skips what the other has locked. */
export function postgresMessageQueues(db: Kysely<Record<never, never>>): MessageQueues {
  return {
    async add(queue, { id, body, priority, enqueuedMs, nextVisibleMs }, { retentionMs, maxMessages, maxBytes }) {
      const sizeBytes = Buffer.byteLength(body);
      // Sizes alone: with the bodies they would be sorted on disk. Of two who add at once, one deletes what there is too much.
      await sql`with sizes as materialized (
          select number, priority, "enqueuedMs", octet_length(body) as size from "queueMessages" where queue = ${queue}
        ), present as (
          select number, "enqueuedMs", row_number() over latest as position, sum(size) over latest as total
          from sizes window latest as (order by priority desc, number desc)
        ), gone as (
          delete from "queueMessages" where number in (
            select m.number from "queueMessages" m join present p on p.number = m.number
            where p."enqueuedMs" <= ${enqueuedMs - retentionMs} or p.position >= ${maxMessages}
              or p.total > ${maxBytes - sizeBytes}
            for update of m skip locked)
        )
        insert into "queueMessages" (queue, id, body, priority, "enqueuedMs", "nextVisibleMs")
        values (${queue}, ${id}, ${body}, ${priority}, ${enqueuedMs}, ${nextVisibleMs})`.execute(db);
    },
    async take(queue, count, nowMs, retentionMs, hide) {
      const visible = sql`from "queueMessages" where queue = ${queue} and "nextVisibleMs" <= ${nowMs}
        and "enqueuedMs" > ${nowMs - retentionMs} order by priority, number limit ${count}`;
      const query = hide
        ? sql<Row>`with chosen as (select number as taken ${visible} for update skip locked)
          update "queueMessages" set "nextVisibleMs" = ${hide.untilMs}, "dequeueCount" = "dequeueCount" + 1,
            "firstDequeuedMs" = case "firstDequeuedMs" when 0 then ${nowMs} else "firstDequeuedMs" end,
            "receiptHandle" = ${hide.receipt}::text || '-' || number
          from chosen where number = taken returning ${COLUMNS}`
        : sql<Row>`select ${COLUMNS} ${visible}`;
      const { rows } = await query.execute(db);
      return rows.toSorted((a, b) => a.priority - b.priority || a.number - b.number);
    },
    async remove(queue, receiptHandle, nowMs) {
      const isIt = sql`queue = ${queue} and "receiptHandle" = ${receiptHandle}`;
      const removed =
        await sql`delete from "queueMessages" where ${isIt} and "nextVisibleMs" > ${nowMs} returning 1`.execute(db);
      if (removed.rows.length > 0) return 'removed';
      const { rows } = await sql`select 1 from "queueMessages" where ${isIt}`.execute(db);
      return rows.length > 0 ? 'visible' : 'missing';
    },
    async clear(queue) {
      await sql`delete from "queueMessages" where ${queue ?? null}::text is null or queue = ${queue ?? null}`.execute(
        db,
      );
    },
    close: () => db.destroy(),
  };
}
