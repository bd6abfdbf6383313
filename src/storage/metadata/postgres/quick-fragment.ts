import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Fence } from '../../leases/leases.ts';
import type { StoredObject } from '../metadata-store.ts';
import { type FragmentRecord, type NewObject, NULL_VERSION } from '../records.ts';
import { heldLease } from '../sql/check-fence.ts';
import { firstRow } from '../sql/compiled.ts';
import { OBJECT_COLUMNS, objectValues } from '../sql/object-columns.ts';
import type { Tables } from '../sql/tables.ts';

/** A placeholder when the query is compiled. */
const FENCE: Fence = { source: '', owner: '', number: 0 };

const NUMERIC: ReadonlySet<string> = new Set(['sizeBytes', 'lastModifiedMs', 'accessedMs']);

export type PutQuickly = (
  object: NewObject,
  fragment: FragmentRecord,
  fence?: Fence,
) => Promise<StoredObject | undefined>;

/**
 * Stores a fragment in one statement, which is one round trip instead of seven, where nothing is to be decided: the bucket has no
 * versioning, the key is new, as for nearly every fragment, and the lease is held. Undefined, and nothing stored, in every other
 * case.
 */
export function quickFragmentPutter(db: Kysely<Tables>): PutQuickly {
  const unfenced = compileQuery(db, sql`true`);
  // The row stays locked until the end of the statement, so that nobody takes the lease over before.
  const fenced = compileQuery(db, sql`exists (select from lease)`, sql`lease as (${heldLease(FENCE)}), `);
  return async (object, fragment, fence) => {
    const { source, startMs, uploadedMs, durationMs, sessionId, playlistId, sequence, path, picture } = fragment;
    const discontinuity = fragment.discontinuity ? 1 : 0;
    const checkedFirst = fence ? [fence.source, fence.owner, fence.number] : [];
    const stored = await firstRow(db, fence ? fenced : unfenced, [
      ...checkedFirst,
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

function compileQuery(db: Kysely<Tables>, condition: RawBuilder<unknown>, before: RawBuilder<unknown> = sql``) {
  const columns = sql.join(OBJECT_COLUMNS.map((column) => sql.ref(column)));
  // A parameter of a select has no type of its own; the names of the columns say it.
  const values = sql.join(
    OBJECT_COLUMNS.map((column) => sql`${null}::${sql.raw(NUMERIC.has(column) ? 'bigint' : 'text')}`),
  );
  return sql<{ objectId: number }>`
    with ${before}place as (
      select name from buckets where name = ${''} and versioning is null and ${condition} for key share
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
}
