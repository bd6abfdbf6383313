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

const ENTRY_COLUMNS = ['startMs', 'durationMs', 'sessionId', 'sequence', 'discontinuity', 'path', 'objectId'] as const;

async function timeline(db: Kysely<Schema>, query: TimelineQuery): Promise<readonly FragmentEntry[]> {
  const lists = await Promise.all(query.sources.map((source) => timelineOf(db, source, query)));
  const [only, ...others] = lists;
  return only && others.length === 0 ? only : lists.flat().toSorted((a, b) => a.startMs - b.startMs);
}

/**
 * Rows lie in the order of their start, and fragments of a source are stored in the order in which they began. So of a
 * range of upload times only both ends are looked up, and what lies between them is one run of rows.
 */
function timelineOf(
  db: Kysely<Schema>,
  source: string,
  { by, fromMs, toMs }: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const rows = entries(db).where('source', '=', source).orderBy('startMs');
  if (by === 'start') return readEntries(db, rows.where('startMs', '>=', fromMs).where('startMs', '<=', toMs));
  const uploaded = db
    .selectFrom('fragments')
    .select('startMs')
    .where('source', '=', source)
    .where('path', 'is not', null)
    .where('uploadedMs', '>=', fromMs)
    .where('uploadedMs', '<=', toMs)
    .limit(1);
  const first = uploaded.orderBy('uploadedMs').orderBy('startMs');
  const last = uploaded.orderBy('uploadedMs', 'desc').orderBy('startMs', 'desc');
  return readEntries(db, rows.where('startMs', '>=', first).where('startMs', '<=', last));
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

/** One text per column: its values in the order of the entries. */
const COLUMN_TEXTS = ENTRY_COLUMNS.map((column) => sql<string>`json_group_array(${sql.ref(column)})`.as(column));

/**
 * A day of one-second fragments is 86,400 rows. SQLite writes each of their columns into one JSON text and V8 reads those,
 * which takes a third of the time of fetching the rows one by one through the binding.
 */
async function readEntries(db: Kysely<Schema>, rows: AliasableExpression<unknown>): Promise<readonly FragmentEntry[]> {
  const texts = await db.selectFrom(rows.as('entry')).select(COLUMN_TEXTS).executeTakeFirstOrThrow();
  const startsMs: readonly number[] = JSON.parse(texts.startMs);
  const durationsMs: readonly number[] = JSON.parse(texts.durationMs);
  const sessionIds: readonly string[] = JSON.parse(texts.sessionId);
  const sequences: readonly number[] = JSON.parse(texts.sequence);
  const discontinuities: readonly (0 | 1)[] = JSON.parse(texts.discontinuity);
  const paths: readonly (string | null)[] = JSON.parse(texts.path);
  const objectIds: readonly (number | null)[] = JSON.parse(texts.objectId);
  return startsMs.map((startMs, index) => ({
    startMs,
    durationMs: durationsMs[index] ?? 0,
    sessionId: sessionIds[index] ?? '',
    sequence: sequences[index] ?? 0,
    discontinuity: discontinuities[index] === 1,
    path: paths[index] ?? null,
    isGone: objectIds[index] === null,
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
