import type { Kysely } from 'kysely';
import type { ChannelName } from '../../../base/push-source.ts';
import type { Fence } from '../../leases/leases.ts';
import type { MetadataStore } from '../metadata-store.ts';
import type { SessionRecord } from '../records.ts';
import { checked } from './check-fence.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

const SESSION_COLUMNS = [
  'id',
  'bucket',
  'channel',
  'incarnation',
  'startedMs',
  'endedMs',
  'remoteAddr',
  'playlistName',
] as const satisfies readonly (keyof SessionRecord)[];

type SessionQueries = Pick<
  MetadataStore,
  'openSession' | 'endSession' | 'deleteSession' | 'listSessions' | 'listOpenSessions'
>;

export function sessionQueries(db: Kysely<Tables>, dialect: SqlDialect): SessionQueries {
  const write = fencedWriter(db, dialect);
  return {
    openSession: (session, fence) =>
      write(fence, async (trx) => {
        await trx.insertInto('sessions').values(session).execute();
      }),
    endSession: ({ id }, endedMs, fence) =>
      write(fence, async (trx) => {
        await trx.updateTable('sessions').set({ endedMs }).where('id', '=', id).execute();
      }),
    deleteSession: async ({ id }) => {
      await db.deleteFrom('sessions').where('id', '=', id).execute();
    },
    listSessions: (bucket, channel, incarnation, limit) => listSessions(db, bucket, channel, incarnation, limit),
    listOpenSessions: (of) => listOpenSessions(db, of),
  };
}

/** One statement needs no transaction, unless the lease is checked before it. */
function fencedWriter(db: Kysely<Tables>, dialect: SqlDialect) {
  return (fence: Fence | undefined, statement: (db: Kysely<Tables>) => Promise<void>): Promise<void> =>
    fence ? dialect.transaction(db, checked(fence, statement)) : statement(db);
}

async function listSessions(
  db: Kysely<Tables>,
  bucket: string,
  channel: string,
  incarnation: string,
  limit: number,
): Promise<readonly SessionRecord[]> {
  const latestFirst = await db
    .selectFrom('sessions')
    .select(SESSION_COLUMNS)
    .where('bucket', '=', bucket)
    .where('channel', '=', channel)
    .where('incarnation', '=', incarnation)
    .where('endedMs', 'is not', null)
    .orderBy('startedMs', 'desc')
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return latestFirst.reverse();
}

function listOpenSessions(db: Kysely<Tables>, of?: ChannelName): Promise<readonly SessionRecord[]> {
  const open = db.selectFrom('sessions').select(SESSION_COLUMNS).where('endedMs', 'is', null);
  const meant = of ? open.where('bucket', '=', of.bucket).where('channel', '=', of.channel) : open;
  return meant.orderBy('startedMs').orderBy('number').execute();
}
