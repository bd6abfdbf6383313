import { type AliasableExpression, type Kysely, sql } from 'kysely';
import type {
  FragmentEntry,
  FragmentRecord,
  MetadataStore,
  ObjectRecord,
  PictureSize,
  TimelineQuery,
} from '../store.ts';
import { replaceObject } from './objects.ts';
import type { Schema } from './schema.ts';

type FragmentQueries = Pick<
  MetadataStore,
  | 'putFragment'
  | 'timeline'
  | 'lastFragments'
  | 'lastFragmentStart'
  | 'fragmentPicture'
  | 'nextSequence'
  | 'forgetStreamFragments'
>;

export function fragmentQueries(db: Kysely<Schema>): FragmentQueries {
  return {
    putFragment: (object, fragment) => db.transaction().execute((trx) => putFragment(trx, object, fragment)),
    timeline: (query) => timeline(db, query),
    lastFragments: (playlistId, limit) => lastFragments(db, playlistId, limit),
    lastFragmentStart: (source) => lastFragmentStart(db, source),
    fragmentPicture: (source, startMs) => fragmentPicture(db, source, startMs),
    nextSequence: (playlistId) => nextSequence(db, playlistId),
    forgetStreamFragments: async (beforeMs) => {
      await db.deleteFrom('fragments').where('path', 'is not', null).where('uploadedMs', '<', beforeMs).execute();
    },
  };
}

async function putFragment(trx: Kysely<Schema>, object: ObjectRecord, fragment: FragmentRecord): Promise<void> {
  const { id: objectId, replacedLocation } = await replaceObject(trx, object);
  if (replacedLocation !== undefined) await trx.deleteFrom('fragments').where('objectId', '=', objectId).execute();
  const { playlistId, discontinuity, picture, ...columns } = fragment;
  const playlist = await reserveSequence(trx, playlistId, fragment.sequence);
  const size = { widthPx: picture?.widthPx ?? null, heightPx: picture?.heightPx ?? null };
  const row = { ...columns, ...size, discontinuity: discontinuity ? 1 : 0, playlist, objectId };
  await trx.insertInto('fragments').values(row).execute();
}

/** Remembers that the number is used, for good; resolves to the playlist's own number. */
async function reserveSequence(trx: Kysely<Schema>, playlistId: string, sequence: number): Promise<number> {
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

/** What an entry is made of, as `json_array` writes it. */
type EntryTuple = [
  startMs: number,
  durationMs: number,
  sessionId: string,
  sequence: number,
  discontinuity: 0 | 1,
  path: string | null,
  isGone: 0 | 1,
];

const ENTRY_COLUMNS = ['startMs', 'durationMs', 'sessionId', 'sequence', 'discontinuity', 'path', 'objectId'] as const;
const ENTRY_JSON = sql<string>`json_group_array(json_array(
  startMs, durationMs, sessionId, sequence, discontinuity, path, objectId is null
))`;

/**
 * A day of one-second fragments is 86,400 rows. SQLite writes them into one JSON text and V8 reads that, which takes less
 * than half the time of fetching them one by one through the binding.
 */
async function timeline(
  db: Kysely<Schema>,
  { sources, by, fromMs, toMs }: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const time = by === 'start' ? 'startMs' : 'uploadedMs';
  const rows = entries(db).where('source', 'in', sources).where(time, '>=', fromMs).where(time, '<=', toMs);
  // Channels are never asked by upload, and have no place in that index.
  const chosen = by === 'start' ? rows : rows.where('path', 'is not', null).orderBy('uploadedMs');
  return readEntries(db, chosen.orderBy('startMs'));
}

async function lastFragments(db: Kysely<Schema>, playlistId: string, limit: number): Promise<readonly FragmentEntry[]> {
  const latestFirst = entries(db)
    .where('playlist', '=', (from) => from.selectFrom('livePlaylists').select('number').where('id', '=', playlistId))
    .orderBy('sequence', 'desc')
    .limit(limit);
  return (await readEntries(db, latestFirst)).toReversed();
}

function entries(db: Kysely<Schema>) {
  return db.selectFrom('fragments').select(ENTRY_COLUMNS);
}

async function readEntries(db: Kysely<Schema>, rows: AliasableExpression<unknown>): Promise<readonly FragmentEntry[]> {
  const { json } = await db.selectFrom(rows.as('entry')).select(ENTRY_JSON.as('json')).executeTakeFirstOrThrow();
  const tuples: readonly EntryTuple[] = JSON.parse(json);
  return tuples.map(([startMs, durationMs, sessionId, sequence, discontinuity, path, isGone]) => ({
    startMs,
    durationMs,
    sessionId,
    sequence,
    discontinuity: discontinuity === 1,
    path,
    isGone: isGone === 1,
  }));
}

async function lastFragmentStart(db: Kysely<Schema>, source: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('fragments')
    .select('startMs')
    .where('source', '=', source)
    .orderBy('startMs', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.startMs;
}

async function fragmentPicture(db: Kysely<Schema>, source: string, startMs: number): Promise<PictureSize | undefined> {
  const row = await db
    .selectFrom('fragments')
    .select(['widthPx', 'heightPx'])
    .where('source', '=', source)
    .where('startMs', '=', startMs)
    .executeTakeFirst();
  return row?.widthPx && row.heightPx ? { widthPx: row.widthPx, heightPx: row.heightPx } : undefined;
}

async function nextSequence(db: Kysely<Schema>, playlistId: string): Promise<number> {
  const playlist = await db
    .selectFrom('livePlaylists')
    .select('nextSequence')
    .where('id', '=', playlistId)
    .executeTakeFirst();
  return playlist?.nextSequence ?? 0;
}
