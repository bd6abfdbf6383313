/**
 * The fragments of a range of time, read in the order of their start, a window at a time. A day of one-second fragments is
 * 86,400 rows: to fetch them one by one takes five times as long as columns of JSON, and as one list they would hold up
 * everything else, and survive the collections of V8's young generation, which costs as much as reading them.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import type { MetadataStore, TimelineQuery, TimelineTaker } from '../metadata-store.ts';
import type { FragmentEntry } from '../records.ts';
import { allRows, firstRow, onlyRow } from './compiled.ts';
import { entryRows, IS_LISTED, toEntry } from './fragment-entries.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

/** About so many rows make a window: one or two milliseconds. The texts of larger ones are memory that is taken anew each time. */
const WINDOW_ROWS = 2_048;
const FIRST_WINDOW_MS = 1_800_000;
/** A window is no longer, so that one after few fragments does not have too many. */
const MAX_WINDOW_MS = 6 * 3_600_000;
/** Of rows that are fetched one by one. */
const ROWS_AT_A_TIME = 1_024;

/** Of one source. */
interface SourceReader {
  /** The range of starts. */
  bounds(source: string, query: TimelineQuery): Promise<StartRange>;
  /** The first fragment that starts in the range. */
  first(source: string, query: TimelineQuery, range: StartRange): Promise<FirstOfWindow | undefined>;
  /** From the first one on, in the order of their start. */
  window(source: string, query: TimelineQuery, first: FirstOfWindow, endMs: number): Promise<readonly FragmentEntry[]>;
  /** So many rows at most, in the order of their start. */
  rows(source: string, query: TimelineQuery, range: StartRange): Promise<readonly TimelineRow[]>;
}

/** Both ends are inclusive. */
interface StartRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The first fragment of a window: the others nearly always are of the same push, have as many discontinuities before them and
 * are gone if it is. Its numbers are subtracted from theirs, because shorter numbers take less time to write and to read.
 */
interface FirstOfWindow
  extends Pick<FragmentEntry, 'startMs' | 'durationMs' | 'sessionId' | 'sequence' | 'discontinuityCount'> {
  readonly isGone: number;
}

interface TimelineRow {
  readonly playlist: number;
  readonly entry: FragmentEntry;
}

export function timelineReader(db: Kysely<Tables>, dialect: SqlDialect): MetadataStore['timeline'] {
  const readers = { start: sourceReader(db, dialect, 'start'), upload: sourceReader(db, dialect, 'upload') };
  return async (query, begin) => {
    const reader = readers[query.by];
    const taker = begin();
    const orders = query.sources.map(() => new RecordingOrder());
    for await (const lists of windows(reader, query)) {
      const isAsRecorded = lists.every((entries, index) => orders[index]?.continues(entries));
      if (!isAsRecorded) return takeSorted(reader, query, begin());
      taker.add(lists.reduce(merged));
      await turnOfTheLoop();
    }
    return taker;
  };
}

/** Of each window a list for each source. */
async function* windows(
  reader: SourceReader,
  query: TimelineQuery,
): AsyncGenerator<readonly (readonly FragmentEntry[])[]> {
  const { sources } = query;
  const bounds = await Promise.all(sources.map((source) => reader.bounds(source, query)));
  const toMs = Math.max(...bounds.map((range) => range.toMs));
  let fromMs = Math.min(...bounds.map((range) => range.fromMs));
  for (let spanMs = FIRST_WINDOW_MS; fromMs <= toMs; ) {
    const rest = { fromMs, toMs };
    const firsts = await Promise.all(sources.map((source) => reader.first(source, query, rest)));
    const startMs = Math.min(...firsts.map((first) => first?.startMs ?? Number.POSITIVE_INFINITY));
    if (startMs > toMs) return;
    const endMs = Math.min(toMs, startMs + spanMs - 1);
    const lists = await Promise.all(
      sources.map(async (source, index) => {
        const first = firsts[index];
        return first && first.startMs <= endMs ? await reader.window(source, query, first, endMs) : [];
      }),
    );
    yield lists;
    const count = Math.max(1, ...lists.map(({ length }) => length));
    spanMs = Math.max(1, Math.min(MAX_WINDOW_MS, Math.floor((spanMs * WINDOW_ROWS) / count)));
    fromMs = endMs + 1;
  }
}

/** What a window is read as: one text per column, its values in the same order. */
interface WindowTexts {
  /** After the start of the first one. */
  readonly startsMs: string;
  /** Null where it is that of the first one. */
  readonly durationsMs: string;
  /** After the sequence number of the first one. */
  readonly sequences: string;
  /** Of a stream; none of a channel. */
  readonly paths: string;
  /** Those that are not as the first one: `OtherFragment`. */
  readonly others: string;
}

function sourceReader(db: Kysely<Tables>, dialect: SqlDialect, by: TimelineQuery['by']): SourceReader {
  // What a driver binds may be a floating-point number, which is slower to compare with, and is written as one.
  const whole = sql<number>`cast(${0} as bigint)`;
  // A sign, because the fragments are found by their start: those of a range of uploads lie side by side.
  const isMeant =
    by === 'start'
      ? IS_LISTED
      : sql<boolean>`path is not null and +"uploadedMs" >= ${whole} and +"uploadedMs" <= ${whole}`;
  const inRange = sql<boolean>`source = ${''} and "startMs" >= ${whole} and "startMs" <= ${whole} and ${isMeant}`;
  const parameters = (source: string, { fromMs, toMs }: StartRange, query: TimelineQuery) =>
    by === 'start' ? [source, fromMs, toMs] : [source, fromMs, toMs, query.fromMs, query.toMs];

  const isUploaded = sql`source = ${''} and path is not null and "uploadedMs" >= ${whole} and "uploadedMs" <= ${whole}`;
  const firstUpload = sql<{ atMs: number | null }>`
    select min("uploadedMs") as "atMs" from fragments where ${isUploaded}
  `.compile(db);
  const uploaded = sql<StartRange>`
    select min("startMs") as "fromMs", max("startMs") as "toMs" from fragments where ${isUploaded}
  `.compile(db);
  // Those of a channel are never gone: there are no rows without their objects.
  const isGone = sql`case when path is null then 0 when "objectId" is null then 1 else "isCovered" end`;
  const firstOfRange = sql<FirstOfWindow>`
    select "startMs", "durationMs", "sessionId", sequence, "discontinuityCount", ${isGone} as "isGone" from fragments
    where ${inRange} order by "startMs" limit 1
  `.compile(db);
  const sinceFirst = (column: RawBuilder<number>) => sql`${column} - ${whole}`;
  const startMs = sinceFirst(sql`"startMs"`);
  const otherDurationMs = sql`case when "durationMs" = ${0} then null else "durationMs" end`;
  const isOther = sql`
    discontinuity = 1 or "discontinuityCount" <> ${whole} or ${isGone} <> ${whole} or "sessionId" <> ${''}
  `;
  const other = [sql`"sessionId"`, sql`"discontinuityCount"`, sql`discontinuity`, isGone];
  const window = sql<WindowTexts>`
    select
      ${dialect.jsonColumn(startMs)} as "startsMs",
      ${dialect.jsonColumn(otherDurationMs)} as "durationsMs",
      ${dialect.jsonColumn(sinceFirst(sql`sequence`))} as sequences,
      ${dialect.jsonColumn(sql`path`, by === 'start' ? sql`path is not null` : undefined)} as paths,
      ${dialect.jsonColumn(dialect.jsonArray([startMs, ...other]), isOther)} as others
    from fragments where ${inRange}
  `.compile(db);
  const rows = entryRows(db).select('playlist').where(inRange).orderBy('startMs').limit(ROWS_AT_A_TIME).compile();

  return {
    async bounds(source, query) {
      if (by === 'start') return query;
      let fromMs = Number.POSITIVE_INFINITY;
      let toMs = -1;
      for (let nextMs = query.fromMs; ; ) {
        const { atMs } = await onlyRow(db, firstUpload, [source, nextMs, query.toMs]);
        if (atMs === null) break;
        const endMs = Math.min(query.toMs, atMs + MAX_WINDOW_MS - 1);
        const starts = await onlyRow(db, uploaded, [source, atMs, endMs]);
        fromMs = Math.min(fromMs, starts.fromMs);
        toMs = Math.max(toMs, starts.toMs);
        nextMs = endMs + 1;
        await turnOfTheLoop();
      }
      return { fromMs, toMs };
    },
    first: (source, query, range) => firstRow(db, firstOfRange, parameters(source, range, query)),
    async window(source, query, first, endMs) {
      const { startMs, durationMs, sessionId, sequence, discontinuityCount, isGone } = first;
      const compared = [startMs, durationMs, sequence, startMs, discontinuityCount, isGone, sessionId];
      const range = { fromMs: startMs, toMs: endMs };
      return windowEntries(first, await onlyRow(db, window, [...compared, ...parameters(source, range, query)]));
    },
    async rows(source, query, range) {
      const found = await allRows(db, rows, [...parameters(source, range, query), ROWS_AT_A_TIME]);
      return found.map(({ playlist, ...row }) => ({ playlist, entry: toEntry(row) }));
    },
  };
}

type OtherFragment = readonly [
  afterFirstMs: number,
  sessionId: string,
  discontinuityCount: number,
  discontinuity: number,
  isGone: number,
];

function windowEntries(first: FirstOfWindow, texts: WindowTexts): readonly FragmentEntry[] {
  const startsMs: readonly number[] = JSON.parse(texts.startsMs);
  const durationsMs: readonly (number | null)[] = JSON.parse(texts.durationsMs);
  const sequences: readonly number[] = JSON.parse(texts.sequences);
  // A source is a channel or a stream: all of its fragments have a path, or none.
  const paths: readonly string[] = JSON.parse(texts.paths);
  const others: readonly OtherFragment[] = JSON.parse(texts.others);
  let found = 0;
  let previousMs = -1;
  let isAscending = true;
  const entries = startsMs.map((afterFirstMs, index) => {
    const other = others[found]?.[0] === afterFirstMs ? others[found++] : undefined;
    isAscending &&= afterFirstMs > previousMs;
    previousMs = afterFirstMs;
    return {
      startMs: first.startMs + afterFirstMs,
      durationMs: durationsMs[index] ?? first.durationMs,
      sessionId: other?.[1] ?? first.sessionId,
      sequence: first.sequence + (sequences[index] ?? 0),
      discontinuity: other?.[3] === 1,
      discontinuityCount: other?.[2] ?? first.discontinuityCount,
      path: paths[index] ?? null,
      isGone: (other?.[4] ?? first.isGone) === 1,
    };
  });
  // The database does not sort them: it nearly always finds them in this order.
  return isAscending ? entries : entries.sort((one, next) => one.startMs - next.startMs);
}

/**
 * Whether the fragments of a source, in the order of their start, are in that of recording too: each comes after those that
 * were recorded before it. Their sequence numbers rise, either all of them or those of each push, the pushes following each
 * other.
 */
class RecordingOrder {
  readonly #pushes = new Set<string>();
  #isOneSequence = true;
  #isOnePushAfterAnother = true;
  #previous: FragmentEntry | undefined;

  /** Whether they still are with these. */
  continues(entries: readonly FragmentEntry[]): boolean {
    let previous = this.#previous;
    for (const entry of entries) {
      const isSamePush = entry.sessionId === previous?.sessionId;
      if (previous && entry.sequence <= previous.sequence) {
        if (isSamePush) return false;
        this.#isOneSequence = false;
      }
      if (!isSamePush) {
        this.#isOnePushAfterAnother &&= !this.#pushes.has(entry.sessionId);
        this.#pushes.add(entry.sessionId);
      }
      previous = entry;
    }
    this.#previous = previous;
    return this.#isOneSequence || this.#isOnePushAfterAnother;
  }
}

/** Where the clock was set back: all of them are in memory before the first one is given. */
async function takeSorted<Taker extends TimelineTaker>(
  reader: SourceReader,
  query: TimelineQuery,
  taker: Taker,
): Promise<Taker> {
  const lists = await Promise.all(query.sources.map((source) => sortedEntries(reader, source, query)));
  const all = lists.reduce(merged);
  for (let at = 0; at < all.length; at += WINDOW_ROWS) {
    taker.add(all.slice(at, at + WINDOW_ROWS));
    await turnOfTheLoop();
  }
  return taker;
}

async function sortedEntries(
  reader: SourceReader,
  source: string,
  query: TimelineQuery,
): Promise<readonly FragmentEntry[]> {
  const { fromMs, toMs } = await reader.bounds(source, query);
  const all: TimelineRow[] = [];
  for (let nextMs = fromMs; nextMs <= toMs; ) {
    const rows = await reader.rows(source, query, { fromMs: nextMs, toMs });
    all.push(...rows);
    if (rows.length < ROWS_AT_A_TIME) break;
    nextMs = (rows.at(-1)?.entry.startMs ?? toMs) + 1;
    await turnOfTheLoop();
  }
  const byStart = all.map(({ entry }) => entry);
  return new RecordingOrder().continues(byStart) ? byStart : asRecorded(all).map(({ entry }) => entry);
}

/** A push may write several playlists, one after the other: each later one has a higher number. */
function asRecorded(byStart: readonly TimelineRow[]): readonly TimelineRow[] {
  const pushes = new Map<string, TimelineRow[]>();
  for (const row of byStart) {
    const push = pushes.get(row.entry.sessionId);
    if (push) push.push(row);
    else pushes.set(row.entry.sessionId, [row]);
  }
  const isAfter = (one: TimelineRow, next: TimelineRow) =>
    one.playlist - next.playlist || one.entry.sequence - next.entry.sequence;
  return [...pushes.values()].flatMap((push) => push.sort(isAfter));
}

/** Both lists keep their order; of their next fragments the one that starts earlier comes first. */
function merged(one: readonly FragmentEntry[], other: readonly FragmentEntry[]): readonly FragmentEntry[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const both: FragmentEntry[] = [];
  let taken = 0;
  for (const entry of one) {
    for (let next = other[taken]; next && next.startMs < entry.startMs; next = other[++taken]) both.push(next);
    both.push(entry);
  }
  return both.concat(other.slice(taken));
}
