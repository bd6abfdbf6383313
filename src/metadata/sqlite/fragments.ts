import { type Kysely, sql } from 'kysely';
import type { FragmentEntry, FragmentRecord, MetadataStore, ObjectRecord } from '../store.ts';
import { replaceObject } from './objects.ts';
import type { Schema } from './schema.ts';

const ENTRY_COLUMNS = ['startMs', 'durationMs', 'sessionId', 'sequence', 'discontinuity'] as const;

type FragmentQueries = Pick<
  MetadataStore,
  'putFragment' | 'listFragments' | 'lastFragments' | 'lastFragmentStart' | 'nextSequence'
>;

export function fragmentQueries(db: Kysely<Schema>): FragmentQueries {
  return {
    putFragment: (object, fragment) => db.transaction().execute((trx) => putFragment(trx, object, fragment)),
    listFragments: (bucket, channel, fromMs, toMs) => listFragments(db, bucket, channel, fromMs, toMs),
    lastFragments: (bucket, channel, playlistId, limit) => lastFragments(db, bucket, channel, playlistId, limit),
    lastFragmentStart: (bucket, channel) => lastFragmentStart(db, bucket, channel),
    nextSequence: (playlistId) => nextSequence(db, playlistId),
  };
}

async function putFragment(trx: Kysely<Schema>, object: ObjectRecord, fragment: FragmentRecord): Promise<void> {
  const { id: objectId, replacedLocation } = await replaceObject(trx, object);
  if (replacedLocation !== undefined) await trx.deleteFrom('fragments').where('objectId', '=', objectId).execute();
  const { playlistId, discontinuity, ...columns } = fragment;
  const playlist = await reserveSequence(trx, playlistId, fragment.sequence);
  const row = { ...columns, discontinuity: discontinuity ? 1 : 0, playlist, objectId };
  await trx.insertInto('fragments').values(row).execute();
}

/** Remembers that the number is used, for good; resolves to the playlist's own number. */
export async function reserveSequence(trx: Kysely<Schema>, playlistId: string, sequence: number): Promise<number> {
  const { number } = await trx
    .insertInto('livePlaylists')
    .values({ id: playlistId, nextSequence: sequence + 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ nextSequence: sql`max(nextSequence, excluded.nextSequence)` }),
    )
    .returning('number')
    .executeTakeFirstOrThrow();
  return number;
}

/**
 * A day of one-second fragments is 86,400 rows. SQLite writes each column of them into one JSON text and V8 reads that,
 * which takes a third of the time of fetching them one by one through the binding.
 */
async function listFragments(
  db: Kysely<Schema>,
  bucket: string,
  channel: string,
  fromMs: number,
  toMs: number,
): Promise<readonly FragmentEntry[]> {
  const columns = await db
    .selectFrom((from) =>
      from
        .selectFrom('fragments')
        .select(ENTRY_COLUMNS)
        .where('bucket', '=', bucket)
        .where('channel', '=', channel)
        .where('startMs', '>=', fromMs)
        .where('startMs', '<=', toMs)
        .orderBy('startMs')
        .as('fragment'),
    )
    .select(ENTRY_COLUMNS.map((column) => sql<string>`json_group_array(${sql.ref(column)})`.as(column)))
    .executeTakeFirstOrThrow();
  const startsMs: readonly number[] = JSON.parse(columns.startMs);
  const durationsMs: readonly number[] = JSON.parse(columns.durationMs);
  const sessionIds: readonly string[] = JSON.parse(columns.sessionId);
  const sequences: readonly number[] = JSON.parse(columns.sequence);
  const discontinuities: readonly (0 | 1)[] = JSON.parse(columns.discontinuity);
  return startsMs.map((startMs, row) => ({
    startMs,
    durationMs: durationsMs[row] ?? 0,
    sessionId: sessionIds[row] ?? '',
    sequence: sequences[row] ?? 0,
    discontinuity: discontinuities[row] === 1,
  }));
}

async function lastFragments(
  db: Kysely<Schema>,
  bucket: string,
  channel: string,
  playlistId: string,
  limit: number,
): Promise<readonly FragmentEntry[]> {
  const latestFirst = await db
    .selectFrom('fragments')
    .select(ENTRY_COLUMNS)
    .where('playlist', '=', (from) => from.selectFrom('livePlaylists').select('number').where('id', '=', playlistId))
    .where('bucket', '=', bucket)
    .where('channel', '=', channel)
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute();
  return latestFirst.reverse().map((row) => ({ ...row, discontinuity: row.discontinuity === 1 }));
}

async function lastFragmentStart(db: Kysely<Schema>, bucket: string, channel: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('fragments')
    .select('startMs')
    .where('bucket', '=', bucket)
    .where('channel', '=', channel)
    .orderBy('startMs', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.startMs;
}

async function nextSequence(db: Kysely<Schema>, playlistId: string): Promise<number> {
  const playlist = await db
    .selectFrom('livePlaylists')
    .select('nextSequence')
    .where('id', '=', playlistId)
    .executeTakeFirst();
  return playlist?.nextSequence ?? 0;
}
