import { type Kysely, sql } from 'kysely';
import type { MetadataStore, StoredObject } from '../metadata-store.ts';
import type { FragmentEntry, FragmentRecord, NewObject, PictureSize } from '../records.ts';
import { allRows, onlyRow, type QueryRunner } from './compiled.ts';
import { entriesOfText, entryRows, entryText, toEntry } from './fragment-entries.ts';
import { objectWriter } from './object-writer.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';
import { timelineReader } from './timeline-rows.ts';

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
  discontinuityCount: 0,
  path: null,
  widthPx: null,
  heightPx: null,
  objectId: 0,
};

type FragmentQueries = Pick<
  MetadataStore,
  | 'putFragment'
  | 'timeline'
  | 'firstUploaded'
  | 'lastFragments'
  | 'sessionFragments'
  | 'lastFragmentStart'
  | 'freeFragmentStart'
  | 'fragmentPicture'
  | 'nextSequence'
  | 'forgetStreamFragments'
>;

export function fragmentQueries(db: Kysely<Tables>, dialect: SqlDialect): FragmentQueries {
  const putFragment = fragmentPutter(db, dialect);
  return {
    putFragment: (object, fragment, fence) =>
      dialect.compiledTransaction(db, fence, (trx) => putFragment(trx, object, fragment)),
    timeline: timelineReader(db, dialect),
    firstUploaded: (sources, fromMs) => firstUploaded(db, sources, fromMs),
    lastFragments: lastFragmentsReader(db, dialect),
    sessionFragments: async (playlistId, sessionId) => {
      const rows = await ofPlaylist(db, playlistId).where('sessionId', '=', sessionId).orderBy('sequence').execute();
      return rows.map(toEntry);
    },
    lastFragmentStart: (source) => lastFragmentStart(db, source),
    freeFragmentStart: (source, startMs) => freeFragmentStart(db, source, startMs),
    fragmentPicture: (source, startMs) => fragmentPicture(db, source, startMs),
    nextSequence: (playlistId) => nextSequence(db, playlistId),
    forgetStreamFragments: async (beforeMs) => {
      await db.deleteFrom('fragments').where('path', 'is not', null).where('uploadedMs', '<', beforeMs).execute();
    },
  };
}

type PutFragment = (trx: QueryRunner, object: NewObject, fragment: FragmentRecord) => Promise<StoredObject>;

function fragmentPutter(db: Kysely<Tables>, dialect: SqlDialect): PutFragment {
  const writeObject = objectWriter(db, dialect);
  const deleteReplaced = db.deleteFrom('fragments').where('objectId', '=', 0).compile();
  const insert = db.insertInto('fragments').values(ANY_ROW).compile();
  const reserve = reserveQuery(db, '', 0, 0).compile();
  return async (trx, object, fragment) => {
    const { id: objectId, previousId, versionId, replacedLocation } = await writeObject(trx, object);
    if (previousId !== null) await allRows(trx, deleteReplaced, [previousId]);
    const { source, startMs, uploadedMs, durationMs, sessionId, playlistId, sequence, path, picture } = fragment;
    const discontinuity = fragment.discontinuity ? 1 : 0;
    const reserved = await onlyRow(trx, reserve, [playlistId, sequence + 1, discontinuity]);
    const { number: playlist, discontinuities } = reserved;
    const position = [playlist, sequence, discontinuity, discontinuities];
    const placed = [source, startMs, uploadedMs, durationMs, sessionId, ...position, path];
    await allRows(trx, insert, [...placed, picture?.widthPx ?? null, picture?.heightPx ?? null, objectId]);
    return { versionId, replacedLocation };
  };
}

/** The row of a playlist after fragments were added to it. */
export interface ReservedPlaylist {
  readonly number: number;
  /** Those of the added fragments included. */
  readonly discontinuities: number;
}

/** Records permanently that the sequence numbers up to this one are used, and how many discontinuities they brought. */
export function reserveSequence(
  trx: Kysely<Tables>,
  playlistId: string,
  sequence: number,
  discontinuities: number,
): Promise<ReservedPlaylist> {
  return reserveQuery(trx, playlistId, sequence + 1, discontinuities).executeTakeFirstOrThrow();
}

/** A fragment that is stored again is not counted again. */
function reserveQuery(db: Kysely<Tables>, playlistId: string, nextSequence: number, discontinuities: number) {
  const isNew = sql`excluded."nextSequence" > "livePlaylists"."nextSequence"`;
  return db
    .insertInto('livePlaylists')
    .values({ id: playlistId, nextSequence, discontinuities })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        nextSequence: sql`case when ${isNew} then excluded."nextSequence" else "livePlaylists"."nextSequence" end`,
        discontinuities: sql`
          "livePlaylists".discontinuities + case when ${isNew} then excluded.discontinuities else 0 end`,
      }),
    )
    .returning(['number', 'discontinuities']);
}

async function firstUploaded(
  db: Kysely<Tables>,
  sources: readonly string[],
  fromMs: number,
): Promise<FragmentEntry | undefined> {
  const later = entryRows(db)
    .where('source', 'in', sources)
    .where('path', 'is not', null)
    .where('uploadedMs', '>=', fromMs);
  const first = await later.orderBy('uploadedMs').limit(1).executeTakeFirst();
  return first && toEntry(first);
}

type LastFragments = (playlistId: string, limit: number) => Promise<readonly FragmentEntry[]>;

/** They are read with every fragment, so the query is compiled once. */
function lastFragmentsReader(db: Kysely<Tables>, dialect: SqlDialect): LastFragments {
  // Not the parameter itself, for whose value SQLite prepares the statement anew each time.
  const limit = sql<number>`cast(${0} as bigint)`;
  const latestFirst = ofPlaylist(db, '').orderBy('sequence', 'desc').limit(limit);
  const query = db.selectFrom(latestFirst.as('entry')).select(entryText(dialect).as('entries')).compile();
  return async (playlistId, limit) => {
    const { entries } = await onlyRow(dialect.runnerOf(db), query, [playlistId, limit]);
    return entriesOfText(entries).toReversed();
  };
}

function ofPlaylist(db: Kysely<Tables>, playlistId: string) {
  return entryRows(db).where('playlist', '=', (from) =>
    from.selectFrom('livePlaylists').select('number').where('id', '=', playlistId),
  );
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

async function freeFragmentStart(db: Kysely<Tables>, source: string, startMs: number): Promise<number> {
  const taken = (startMs: unknown) =>
    sql`exists (select 1 from fragments where source = ${source} and "startMs" = ${startMs})`;
  const { rows } = await sql<{ startMs: number }>`
    with recursive candidate ("startMs") as (
      select cast(${startMs} as bigint)
      union all
      select "startMs" + 1 from candidate where ${taken(sql.ref('candidate.startMs'))}
    )
    select max("startMs") as "startMs" from candidate
  `.execute(db);
  return rows[0]?.startMs ?? startMs;
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
