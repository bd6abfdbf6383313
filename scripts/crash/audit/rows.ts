import type { Snapshot } from './snapshot.ts';

/** Each is a query for the rows that must not exist, in SQLite and in PostgreSQL. */
export const FORBIDDEN_ROWS: readonly (readonly [string, string])[] = [
  ['a push is still open', 'select id from sessions where "endedMs" is null'],
  ['a push ends before it starts', 'select id, "startedMs", "endedMs" from sessions where "endedMs" < "startedMs"'],
  [
    'a key has not exactly one current version',
    'select bucket, key from objects group by bucket, key having sum("isCurrent") <> 1',
  ],
  [
    'the current version of a key is not its newest',
    `select bucket, key from objects as older where "isCurrent" = 1 and exists
       (select 1 from objects as newer where newer.bucket = older.bucket and newer.key = older.key and newer.id > older.id)`,
  ],
  [
    'two rows have the same bytes',
    `select location from objects where location <> '' group by location having count(*) > 1`,
  ],
  [
    'two fragments of a playlist have a number',
    'select playlist, sequence from fragments group by 1, 2 having count(*) > 1',
  ],
  [
    'a number of a playlist could be given twice',
    'select id from "livePlaylists" where "nextSequence" <= (select max(sequence) from fragments where playlist = number)',
  ],
  [
    'a fragment of a channel has no object',
    'select source, "startMs" from fragments where path is null and "objectId" is null',
  ],
  ['a fragment has no duration', 'select source, "startMs" from fragments where "durationMs" <= 0'],
  [
    'an object belongs to a bucket that is not there',
    'select bucket, key from objects where bucket not in (select name from buckets)',
  ],
];

/** Only SQLite has counters. */
const FORBIDDEN_IN_SQLITE: readonly (readonly [string, string])[] = [
  [
    'the counters of a bucket are wrong',
    `select name from buckets where objectCount <> (select count(*) from objects where bucket = buckets.name and type <> 'DeleteMarker')
       or deleteMarkerCount <> (select count(*) from objects where bucket = buckets.name and type = 'DeleteMarker')
       or storageBytes <> (select coalesce(sum(sizeBytes), 0) from objects where bucket = buckets.name)
       or liveChannelCount <> (select count(*) from channels where bucket = buckets.name)
       or multipartUploadCount <> (select count(*) from uploads where bucket = buckets.name)`,
  ],
];

/** Whether the database is whole, and its rows agree with each other. */
export function rowViolations({ database }: Snapshot): string[] {
  const integrity = String(database.pragma('integrity_check', { simple: true }));
  if (integrity !== 'ok') return [`integrity_check: ${integrity}`];
  const references = database.pragma('foreign_key_check');
  const violations: string[] = [];
  if (Array.isArray(references) && references.length > 0) {
    violations.push(`foreign_key_check: ${JSON.stringify(references.slice(0, 3))}`);
  }
  for (const [what, query] of FORBIDDEN_ROWS.concat(FORBIDDEN_IN_SQLITE)) {
    const rows = database.prepare(query).all();
    if (rows.length > 0) violations.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return violations;
}
