import { type AliasableExpression, type Kysely, sql } from 'kysely';
import type {
  FragmentEntry,
  FragmentRecord,
  MetadataStore,
  ObjectRecord,
  PictureSize,
  TimelineQuery,
} from '../metadata-store.ts';
import { allRows, onlyRow } from './compiled.ts';
import { objectReplacer } from './object-rows.ts';
import type { Tables } from './tables.ts';

/** A placeholder for the row when a query is compiled. */
const ANY_ROW = {
  source: '',
  startMs: 0,
  uploadedMs: 0,
  durationMs: 0,
  sessionId: '',
  playlist: 0,
  sequence: 0,
  discontinuity: 0,
  path: null,
  widthPx: null,
  heightPx: null,
  objectId: 0,
};

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

export function fragmentQueries(db: Kysely<Tables>): FragmentQueries {
  const putFragment = fragmentPutter(db);
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

type PutFragment = (trx: Kysely<Tables>, object: ObjectRecord, fragment: FragmentRecord) => Promise<void>;

function fragmentPutter(db: Kysely<Tables>): PutFragment {
  const replaceObject = objectReplacer(db);
  const deleteReplaced = db.deleteFrom('fragments').where('objectId', '=', 0).compile();
  const insert = db.insertInto('fragments').values(ANY_ROW).compile();
  const reserve = reserveQuery(db, '', 0).compile();
  return async (trx, object, fragment) => {
    const { id: objectId, replacedLocation } = await replaceObject(trx, object);
    if (replacedLocation !== undefined) await allRows(trx, deleteReplaced, [objectId]);
    const { source, startMs, uploadedMs, durationMs, sessionId, playlistId, sequence, path, picture } = fragment;
    const { number: playlist } = await onlyRow(trx, reserve, [playlistId, sequence + 1]);
    const discontinuity = fragment.discontinuity ? 1 : 0;
    const placed = [source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, path];
    await allRows(trx, insert, [...placed, picture?.widthPx ?? null, picture?.heightPx ?? null, objectId]);
  };
}

/** Records that the sequence number is used, permanently; resolves to the number of the playlist. */
export async function reserveSequence(trx: Kysely<Tables>, playlistId: string, sequence: number): Promise<number> {
  const { number } = await reserveQuery(trx, playlistId, sequence + 1).executeTakeFirstOrThrow();
  return number;
}

function reserveQuery(db: Kysely<Tables>, playlistId: string, nextSequence: number) {
  return db
    .insertInto('livePlaylists')
    .values({ id: playlistId, nextSequence })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ nextSequence: sql`max(nextSequence, excluded.nextSequence)` }),
    )
    .returning('number');
}

const ENTRY_COLUMNS = ['startMs', 'durationMs', 'sessionId', 'sequence', 'discontinuity', 'path', 'objectId'] as const;

async function timeline(db: Kysely<Tables>, query: TimelineQuery): Promise<readonly FragmentEntry[]> {
  const lists = await Promise.all(query.sources.map((source) => timelineOf(db, source, query)));
  const [only, ...others] = lists;
  return only && others.length === 0 ? only : lists.flat().toSorted((a, b) => a.startMs - b.startMs);
}

/**
 * Rows are in the order of their start, and fragments of a source are stored in the order of their start too. So for a
 * range of upload times only its two ends are searched; the rows between them are adjacent.
 */
function timelineOf(
  db: Kysely<Tables>,
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

async function lastFragments(db: Kysely<Tables>, playlistId: string, limit: number): Promise<readonly FragmentEntry[]> {
  const latestFirst = entries(db)
    .where('playlist', '=', (from) => from.selectFrom('livePlaylists').select('number').where('id', '=', playlistId))
    .orderBy('sequence', 'desc')
    .limit(limit);
  return (await readEntries(db, latestFirst)).toReversed();
}

function entries(db: Kysely<Tables>) {
  return db.selectFrom('fragments').select(ENTRY_COLUMNS);
}

/** One text per column: its values in the order of the entries. */
const COLUMN_TEXTS = (['startMs', 'durationMs', 'sequence', 'path'] as const).map((column) =>
  sql<string>`json_group_array(${sql.ref(column)})`.as(column),
);

/** Nearly always all rows are of one push; then the id, the longest of the columns, is in the text only once. */
function sessionText(rows: AliasableExpression<unknown>) {
  return sql<string>`case when min(sessionId) is max(sessionId) then json_array(min(sessionId))
    else (select json_group_array(sessionId) from ${rows}) end`.as('sessionId');
}

const DISCONTINUITY = 1;
const IS_GONE = 2;
const FLAGS_TEXT = sql<string>`json_group_array(discontinuity + 2 * (objectId is null))`.as('flags');

/**
 * A day of one-second fragments is 86,400 rows. SQLite writes each column into one JSON text and V8 parses it, which
 * takes a third of the time of fetching the rows one by one.
 */
async function readEntries(db: Kysely<Tables>, rows: AliasableExpression<unknown>): Promise<readonly FragmentEntry[]> {
  const texts = await db
    .selectFrom(rows.as('entry'))
    .select([...COLUMN_TEXTS, FLAGS_TEXT, sessionText(rows)])
    .executeTakeFirstOrThrow();
  const startsMs: readonly number[] = JSON.parse(texts.startMs);
  const durationsMs: readonly number[] = JSON.parse(texts.durationMs);
  const sessionIds: readonly string[] = JSON.parse(texts.sessionId);
  const sequences: readonly number[] = JSON.parse(texts.sequence);
  const paths: readonly (string | null)[] = JSON.parse(texts.path);
  const flags: readonly number[] = JSON.parse(texts.flags);
  const onlySession = sessionIds.length === 1 ? sessionIds[0] : undefined;
  return startsMs.map((startMs, index) => ({
    startMs,
    durationMs: durationsMs[index] ?? 0,
    sessionId: onlySession ?? sessionIds[index] ?? '',
    sequence: sequences[index] ?? 0,
    discontinuity: ((flags[index] ?? 0) & DISCONTINUITY) !== 0,
    path: paths[index] ?? null,
    isGone: ((flags[index] ?? 0) & IS_GONE) !== 0,
  }));
}

async function lastFragmentStart(db: Kysely<Tables>, source: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('fragments')
    .select('startMs')
    .where('source', '=', source)
    .orderBy('startMs', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.startMs;
}

async function fragmentPicture(db: Kysely<Tables>, source: string, startMs: number): Promise<PictureSize | undefined> {
  const row = await db
    .selectFrom('fragments')
    .select(['widthPx', 'heightPx'])
    .where('source', '=', source)
    .where('startMs', '=', startMs)
    .executeTakeFirst();
  return row?.widthPx && row.heightPx ? { widthPx: row.widthPx, heightPx: row.heightPx } : undefined;
}

async function nextSequence(db: Kysely<Tables>, playlistId: string): Promise<number> {
  const playlist = await db
    .selectFrom('livePlaylists')
    .select('nextSequence')
    .where('id', '=', playlistId)
    .executeTakeFirst();
  return playlist?.nextSequence ?? 0;
}
