import { type AliasableExpression, type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  FragmentEntry,
  FragmentRecord,
  MetadataStore,
  NewObject,
  PictureSize,
  StoredObject,
  TimelineQuery,
} from '../metadata-store.ts';
import { allRows, onlyRow, type QueryRunner } from './compiled.ts';
import { objectWriter } from './object-writer.ts';
import type { SqlDialect } from './sql-dialect.ts';
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
  const read: ReadEntries = (rows) => readEntries(db, dialect, rows);
  return {
    putFragment: (object, fragment, fence) =>
      dialect.compiledTransaction(db, fence, (trx) => putFragment(trx, object, fragment)),
    timeline: (query) => timeline(db, dialect, query),
    firstUploaded: (sources, fromMs) => firstUploaded(db, read, sources, fromMs),
    lastFragments: lastFragmentsReader(db, dialect),
    sessionFragments: (playlistId, sessionId) =>
      read(ofPlaylist(db, playlistId).where('sessionId', '=', sessionId).orderBy('sequence')),
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

const ENTRY_COLUMNS = [
  'startMs',
  'durationMs',
  'sessionId',
  'sequence',
  'discontinuity',
  'discontinuityCount',
  'path',
  'objectId',
  'isCovered',
] as const;

async function timeline(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  query: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const lists = await Promise.all(query.sources.map((source) => timelineOf(db, dialect, source, query)));
  return lists.reduce(merged, []);
}

/**
 * The fragments of one source. In the order of their start they are in the order of recording too, unless the clock was
 * set back: then they are read again, in the order that a sort in the database gives.
 */
async function timelineOf(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  source: string,
  query: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const byStart =
    query.by === 'start'
      ? await readEntries(db, dialect, startedIn(db, source, query).orderBy('startMs'))
      : await dialect.transaction(db, (trx) => uploadedByStart(trx, dialect, source, query));
  if (isAsRecorded(byStart)) return byStart;
  const range = query.by === 'start' ? startedIn(db, source, query) : uploadedIn(db, source, query);
  return readEntries(db, dialect, asRecorded(db, range));
}

/**
 * Fragments are nearly always stored in the order of their start. Then those of a range of upload times are all rows
 * between the first and the last of them, which lie side by side and need not be compared.
 */
async function uploadedByStart(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  source: string,
  query: Range,
): Promise<readonly FragmentEntry[]> {
  const { first, last, count } = await uploadedIn(db, source, query)
    .clearSelect()
    .select(({ fn }) => [
      fn.min('startMs').as('first'),
      fn.max('startMs').as('last'),
      fn.countAll<number>().as('count'),
    ])
    .executeTakeFirstOrThrow();
  const between = await readEntries(
    db,
    dialect,
    startedIn(db, source, { fromMs: first ?? 0, toMs: last ?? -1 }).orderBy('startMs'),
  );
  if (between.length === count) return between;
  return readEntries(db, dialect, uploadedIn(db, source, query).orderBy('startMs'));
}

/**
 * Whether each fragment comes after those that were recorded before it: their sequence numbers rise, either all of them or
 * those of each push, the pushes following each other.
 */
function isAsRecorded(entries: readonly FragmentEntry[]): boolean {
  const pushes = new Set<string>();
  let isOneSequence = true;
  let isOnePushAfterAnother = true;
  let previous: FragmentEntry | undefined;
  for (const entry of entries) {
    const isSamePush = entry.sessionId === previous?.sessionId;
    if (previous && entry.sequence <= previous.sequence) {
      if (isSamePush) return false;
      isOneSequence = false;
    }
    if (!isSamePush) {
      isOnePushAfterAnother &&= !pushes.has(entry.sessionId);
      pushes.add(entry.sessionId);
    }
    previous = entry;
  }
  return isOneSequence || isOnePushAfterAnother;
}

/** A push may write several playlists, one after the other: each later one has a higher number. */
function asRecorded(db: Kysely<Tables>, range: ReturnType<typeof entries>) {
  const firstStart = sql<number>`min("startMs") over (partition by "sessionId")`;
  const ranked = range.select(['playlist', firstStart.as('firstStartMs')]);
  return db
    .selectFrom(ranked.as('ranked'))
    .select(ENTRY_COLUMNS)
    .orderBy('firstStartMs')
    .orderBy('sessionId')
    .orderBy('playlist')
    .orderBy('sequence');
}

type Range = Pick<TimelineQuery, 'fromMs' | 'toMs'>;

function startedIn(db: Kysely<Tables>, source: string, { fromMs, toMs }: Range) {
  return entries(db).where('source', '=', source).where('startMs', '>=', fromMs).where('startMs', '<=', toMs);
}

function uploadedIn(db: Kysely<Tables>, source: string, { fromMs, toMs }: Range) {
  return entries(db)
    .where('source', '=', source)
    .where('path', 'is not', null)
    .where('uploadedMs', '>=', fromMs)
    .where('uploadedMs', '<=', toMs);
}

async function firstUploaded(
  db: Kysely<Tables>,
  read: ReadEntries,
  sources: readonly string[],
  fromMs: number,
): Promise<FragmentEntry | undefined> {
  const later = entries(db)
    .where('source', 'in', sources)
    .where('path', 'is not', null)
    .where('uploadedMs', '>=', fromMs);
  const [first] = await read(later.orderBy('uploadedMs').limit(1));
  return first;
}

/** Both lists keep their order; of their next fragments the one that starts earlier comes first. */
function merged(one: readonly FragmentEntry[], other: readonly FragmentEntry[]): readonly FragmentEntry[] {
  if (one.length === 0) return other;
  const both: FragmentEntry[] = [];
  let taken = 0;
  for (const entry of one) {
    for (let next = other[taken]; next && next.startMs < entry.startMs; next = other[++taken]) both.push(next);
    both.push(entry);
  }
  return both.concat(other.slice(taken));
}

type LastFragments = (playlistId: string, limit: number) => Promise<readonly FragmentEntry[]>;

/** They are read with every fragment, so the query is compiled once. */
function lastFragmentsReader(db: Kysely<Tables>, dialect: SqlDialect): LastFragments {
  // Not the parameter itself, for whose value SQLite prepares the statement anew each time.
  const limit = sql<number>`cast(${0} as bigint)`;
  const latestFirst = ofPlaylist(db, '').orderBy('sequence', 'desc').limit(limit);
  const query = entryTexts(db, dialect, latestFirst).compile();
  return async (playlistId, limit) => {
    // The text of the query has the rows twice.
    const texts = await onlyRow(dialect.runnerOf(db), query, [playlistId, limit, playlistId, limit]);
    return toEntries(texts).toReversed();
  };
}

function ofPlaylist(db: Kysely<Tables>, playlistId: string) {
  return entries(db).where('playlist', '=', (from) =>
    from.selectFrom('livePlaylists').select('number').where('id', '=', playlistId),
  );
}

/** Without the fragments of channels that are covered; those of streams stay, and are gone. */
function entries(db: Kysely<Tables>) {
  return db.selectFrom('fragments').select(ENTRY_COLUMNS).where(sql<boolean>`("isCovered" = 0 or path is not null)`);
}

const TEXT_COLUMNS = ['startMs', 'durationMs', 'sequence', 'path'] as const;

/** Nearly always all rows are of one push; then the id, the longest of the columns, is in the text only once. */
function sessionText(dialect: SqlDialect, rows: AliasableExpression<unknown>) {
  const [first, last] = [sql`min("sessionId")`, sql`max("sessionId")`];
  return sql<string>`case when ${first} is not distinct from ${last} then ${dialect.jsonArray(first)}
    else (select ${dialect.jsonColumn(sql`"sessionId"`)} from ${rows} as again) end`;
}

/** Two flags and a count in one number, because each column takes its time. */
const DISCONTINUITY = 1;
const IS_GONE = 2;
const COUNT_UNIT = 4;
const FLAGS = sql`
  discontinuity + case when "objectId" is null or "isCovered" = 1 then 2 else 0 end + 4 * "discontinuityCount"
`;

type ReadEntries = (rows: AliasableExpression<unknown>) => Promise<readonly FragmentEntry[]>;

async function readEntries(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  rows: AliasableExpression<unknown>,
): Promise<readonly FragmentEntry[]> {
  return toEntries(await entryTexts(db, dialect, rows).executeTakeFirstOrThrow());
}

/** By column the text of its values, in the order of the entries. */
type EntryTexts = Readonly<Record<(typeof TEXT_COLUMNS)[number] | 'flags' | 'sessionId', string>>;

/**
 * A day of one-second fragments is 86,400 rows. The database writes each column into one JSON text and V8 parses it, which
 * takes a third of the time of fetching the rows of SQLite one by one.
 */
function entryTexts(db: Kysely<Tables>, dialect: SqlDialect, rows: AliasableExpression<unknown>) {
  const columnText = (column: RawBuilder<unknown>) => dialect.jsonColumn(column);
  return db
    .selectFrom(rows.as('entry'))
    .select([
      ...TEXT_COLUMNS.map((column) => columnText(sql.ref(column)).as(column)),
      columnText(FLAGS).as('flags'),
      sessionText(dialect, rows).as('sessionId'),
    ]);
}

function toEntries(texts: EntryTexts): FragmentEntry[] {
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
    discontinuityCount: Math.floor((flags[index] ?? 0) / COUNT_UNIT),
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
