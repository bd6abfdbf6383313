import type { Kysely } from 'kysely';
import type { MetadataStore, SessionRecord } from '../metadata-store.ts';
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

type SessionQueries = Pick<MetadataStore, 'openSession' | 'endSession' | 'listSessions' | 'listOpenSessions'>;

export function sessionQueries(db: Kysely<Tables>): SessionQueries {
  return {
    openSession: async (session) => {
      await db.insertInto('sessions').values(session).execute();
    },
    endSession: async ({ id }, endedMs) => {
      await db.updateTable('sessions').set({ endedMs }).where('id', '=', id).execute();
    },
    listSessions: (bucket, channel, incarnation, limit) => listSessions(db, bucket, channel, incarnation, limit),
    listOpenSessions: () => listOpenSessions(db),
  };
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

function listOpenSessions(db: Kysely<Tables>): Promise<readonly SessionRecord[]> {
  return db
    .selectFrom('sessions')
    .select(SESSION_COLUMNS)
    .where('endedMs', 'is', null)
    .orderBy('startedMs')
    .orderBy('number')
    .execute();
}
