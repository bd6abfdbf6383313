import { type Kysely, sql } from 'kysely';
import { type FragmentRecord, type NewObject, NULL_VERSION, type StoredObject } from '../metadata-store.ts';
import { firstRow } from '../sql/compiled.ts';
import { OBJECT_COLUMNS, objectValues } from '../sql/object-columns.ts';
import type { Tables } from '../sql/tables.ts';

const NUMERIC: ReadonlySet<string> = new Set(['sizeBytes', 'lastModifiedMs', 'accessedMs']);

export type PutQuickly = (object: NewObject, fragment: FragmentRecord) => Promise<StoredObject | undefined>;

/**
 * Stores a fragment in one statement, which is one round trip instead of seven, where nothing is to be decided: the bucket has no
 * versioning and the key is new, as for nearly every fragment. Undefined, and nothing stored, in every other case.
 */
export function quickFragmentPutter(db: Kysely<Tables>): PutQuickly {
  const columns = sql.join(OBJECT_COLUMNS.map((column) => sql.ref(column)));
  // A parameter of a select has no type of its own; the names of the columns say it.
  const values = sql.join(
    OBJECT_COLUMNS.map((column) => sql`${null}::${sql.raw(NUMERIC.has(column) ? 'bigint' : 'text')}`),
  );
  const query = sql<{ objectId: number }>`
    with place as (
      select name from buckets where name = ${''} and versioning is null for key share
    ), object as (
      insert into objects ("isCurrent", ${columns}) select 1, ${values} from place
      on conflict do nothing
      returning id
    ), list as (
      insert into "livePlaylists" as known (id, "nextSequence", discontinuities)
      select ${''}::text, ${0}::bigint, ${0}::bigint from object
      on conflict (id) do update set
        "nextSequence" = greatest(known."nextSequence", excluded."nextSequence"),
        discontinuities = known.discontinuities +
          case when excluded."nextSequence" > known."nextSequence" then excluded.discontinuities else 0 end
      returning number, discontinuities
    )
    insert into fragments
      (source, "startMs", "uploadedMs", "durationMs", "sessionId", sequence, discontinuity, path, "widthPx", "heightPx",
       playlist, "discontinuityCount", "objectId")
    select ${''}::text, ${0}::bigint, ${0}::bigint, ${0}::double precision, ${''}::text, ${0}::bigint, ${0}::integer,
      ${''}::text, ${0}::integer, ${0}::integer, list.number, list.discontinuities, object.id
    from object, list
    returning "objectId"
  `.compile(db);
  return async (object, fragment) => {
    const { source, startMs, uploadedMs, durationMs, sessionId, playlistId, sequence, path, picture } = fragment;
    const discontinuity = fragment.discontinuity ? 1 : 0;
    const stored = await firstRow(db, query, [
      object.bucket,
      ...objectValues(object, NULL_VERSION),
      playlistId,
      sequence + 1,
      discontinuity,
      source,
      startMs,
      uploadedMs,
      durationMs,
      sessionId,
      sequence,
      discontinuity,
      path,
      picture?.widthPx ?? null,
      picture?.heightPx ?? null,
    ]);
    return stored && { versionId: NULL_VERSION, replacedLocation: undefined };
  };
}
