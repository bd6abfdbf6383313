import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MetadataStore, Page, UploadListing, UploadQuery } from '../metadata-store.ts';
import type { MultipartUpload, UploadedPart } from '../records.ts';
import { invalidPart, noSuchUpload } from '../upload-refusals.ts';
import { commonPrefixOf, nameRange, positionAfterGroup, toPage } from './name-ranges.ts';
import { objectWriter } from './object-writer.ts';
import { refuseMissingBucket, refuseMissingUpload } from './references.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

const UPLOAD_COLUMNS = ['bucket', 'key', 'uploadId', 'initiatedMs', 'acl', 'headers', 'sequential'] as const;

type UploadRow = Omit<MultipartUpload, 'headers' | 'sequential'> & {
  readonly headers: string;
  readonly sequential: number;
};

type UploadQueries = Pick<
  MetadataStore,
  'putUpload' | 'getUpload' | 'listUploads' | 'completeUpload' | 'deleteUpload' | 'putPart' | 'listParts'
>;

export function uploadQueries(db: Kysely<Tables>, dialect: SqlDialect): UploadQueries {
  const write = objectWriter(db, dialect);
  return {
    putUpload: (upload) => putUpload(db, upload),
    getUpload: (uploadId) => getUpload(db, uploadId),
    listUploads: (bucket, query) => listUploads(db, dialect, bucket, query),
    completeUpload: (uploadId, joined, object, check) =>
      dialect.transaction(db, async (trx) => {
        const { versionId, replacedLocation } = await write(trx, object, check);
        const parts = await deleteUpload(trx, dialect, uploadId);
        refuseReplacedPart(joined, parts);
        return { versionId, replacedLocation, parts };
      }),
    deleteUpload: (uploadId) => dialect.transaction(db, (trx) => deleteUpload(trx, dialect, uploadId)),
    putPart: (part, check) => dialect.transaction(db, (trx) => replacePart(trx, dialect, part, check)),
    listParts: (uploadId, afterPartNumber, limit) => listParts(db, uploadId, afterPartNumber, limit),
  };
}

async function putUpload(db: Kysely<Tables>, upload: MultipartUpload): Promise<void> {
  const row = { ...upload, headers: JSON.stringify(upload.headers), sequential: upload.sequential ? 1 : 0 };
  await refuseMissingBucket(db.insertInto('uploads').values(row).execute(), upload.bucket);
}

async function getUpload(db: Kysely<Tables>, uploadId: string): Promise<MultipartUpload | undefined> {
  const row = await db.selectFrom('uploads').select(UPLOAD_COLUMNS).where('uploadId', '=', uploadId).executeTakeFirst();
  return row && toUpload(row);
}

/**
 * The uploads of the listing, and for every common prefix only its first upload: one search in the index per entry, as in
 * the listing of objects. An upload is followed by the next upload of its key, a common prefix by what is behind it.
 */
async function listUploads(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: UploadQuery,
): Promise<Page<UploadListing>> {
  const { from, end } = nameRange(query, dialect, query.delimiter);
  const isMarkerGrouped = commonPrefixOf(query.marker, query.prefix, query.delimiter) !== undefined;
  const resumesInKey = query.uploadIdMarker !== '' && query.marker.startsWith(query.prefix) && !isMarkerGrouped;
  const start = resumesInKey ? sql`${query.marker}, ${query.uploadIdMarker}` : sql`${from}, ''`;
  const afterGroup = positionAfterGroup(sql`listed.key`, query, dialect);
  const next = sql`coalesce(${afterGroup}, listed.key), case when ${afterGroup} is null then listed."uploadId" else '' end`;
  const firstAfter = (position: RawBuilder<unknown>) => sql`
    select "uploadId" from uploads
    where bucket = ${bucket} and key < ${end} and (key, "uploadId") > (${position})
    order by key, "uploadId" limit 1`;
  const { rows } = await sql<UploadRow>`
    with recursive entry ("uploadId", number) as (
      select (${firstAfter(start)}), 1
      union all
      select (${firstAfter(next)}), number + 1 from entry join uploads as listed on listed."uploadId" = entry."uploadId"
      where number <= ${sql.lit(query.limit)}
    )
    select ${sql.join(UPLOAD_COLUMNS.map((column) => sql.ref(`uploads.${column}`)))}
    from entry ${dialect.joinInOrder} uploads on uploads."uploadId" = entry."uploadId"
    order by key, uploads."uploadId"
  `.execute(db);
  return toPage(rows, query.limit, (row) => {
    const commonPrefix = commonPrefixOf(row.key, query.prefix, query.delimiter);
    return commonPrefix === undefined ? { upload: toUpload(row) } : { commonPrefix };
  });
}

async function deleteUpload(
  trx: Kysely<Tables>,
  { locks }: SqlDialect,
  uploadId: string,
): Promise<readonly UploadedPart[]> {
  if (locks) await locks.upload(trx, uploadId);
  const parts = await trx
    .selectFrom('parts')
    .selectAll()
    .where('uploadId', '=', uploadId)
    .orderBy('partNumber')
    .execute();
  const { numDeletedRows } = await trx.deleteFrom('uploads').where('uploadId', '=', uploadId).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw noSuchUpload(uploadId);
  return parts;
}

function refuseReplacedPart(joined: readonly UploadedPart[], parts: readonly UploadedPart[]): void {
  const present = new Set(parts.map(({ location }) => location));
  const replaced = joined.find(({ location }) => !present.has(location));
  if (replaced) throw invalidPart(replaced.partNumber);
}

async function replacePart(
  trx: Kysely<Tables>,
  { locks }: SqlDialect,
  part: UploadedPart,
  check: ((lastPartNumber: number) => void) | undefined,
): Promise<string | undefined> {
  if (locks) await locks.upload(trx, part.uploadId);
  if (check) check(await lastPartNumber(trx, part.uploadId));
  const replaced = await trx
    .selectFrom('parts')
    .select('location')
    .where('uploadId', '=', part.uploadId)
    .where('partNumber', '=', part.partNumber)
    .executeTakeFirst();
  const write = trx
    .insertInto('parts')
    .values(part)
    .onConflict((conflict) => conflict.columns(['uploadId', 'partNumber']).doUpdateSet(part))
    .execute();
  await refuseMissingUpload(write, part.uploadId);
  return replaced?.location;
}

async function lastPartNumber(trx: Kysely<Tables>, uploadId: string): Promise<number> {
  const last = await trx
    .selectFrom('uploads')
    .leftJoin('parts', 'parts.uploadId', 'uploads.uploadId')
    .select('partNumber')
    .where('uploads.uploadId', '=', uploadId)
    .orderBy('partNumber', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!last) throw noSuchUpload(uploadId);
  return last.partNumber ?? 0;
}

async function listParts(
  db: Kysely<Tables>,
  uploadId: string,
  afterPartNumber: number,
  limit: number,
): Promise<Page<UploadedPart>> {
  const rows = await db
    .selectFrom('parts')
    .selectAll()
    .where('uploadId', '=', uploadId)
    .where('partNumber', '>', afterPartNumber)
    .orderBy('partNumber')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, (row) => row);
}

function toUpload(row: UploadRow): MultipartUpload {
  return { ...row, headers: JSON.parse(row.headers), sequential: row.sequential === 1 };
}
