import type { Kysely } from 'kysely';
import type { MetadataStore, MultipartUpload, Page, PageQuery, UploadedPart } from '../metadata-store.ts';
import { nameRange, toPage } from './name-ranges.ts';
import { refuseMissingBucket, refuseMissingUpload } from './references.ts';
import type { Tables } from './tables.ts';

const UPLOAD_COLUMNS = ['bucket', 'key', 'uploadId', 'initiatedMs', 'acl', 'headers'] as const;

type UploadQueries = Pick<
  MetadataStore,
  'putUpload' | 'getUpload' | 'listUploads' | 'deleteUpload' | 'putPart' | 'listParts'
>;

export function uploadQueries(db: Kysely<Tables>): UploadQueries {
  return {
    putUpload: (upload) => putUpload(db, upload),
    getUpload: (uploadId) => getUpload(db, uploadId),
    listUploads: (bucket, query) => listUploads(db, bucket, query),
    deleteUpload: (uploadId) => db.transaction().execute((trx) => deleteUpload(trx, uploadId)),
    putPart: (part) => db.transaction().execute((trx) => replacePart(trx, part)),
    listParts: (uploadId, afterPartNumber, limit) => listParts(db, uploadId, afterPartNumber, limit),
  };
}

async function putUpload(db: Kysely<Tables>, upload: MultipartUpload): Promise<void> {
  const row = { ...upload, headers: JSON.stringify(upload.headers) };
  await refuseMissingBucket(db.insertInto('uploads').values(row).execute(), upload.bucket);
}

async function getUpload(db: Kysely<Tables>, uploadId: string): Promise<MultipartUpload | undefined> {
  const row = await db.selectFrom('uploads').select(UPLOAD_COLUMNS).where('uploadId', '=', uploadId).executeTakeFirst();
  return row && toUpload(row);
}

async function listUploads(
  db: Kysely<Tables>,
  bucket: string,
  query: PageQuery & { readonly uploadIdMarker: string },
): Promise<Page<MultipartUpload>> {
  const { from, end } = nameRange(query);
  const rows = await db
    .selectFrom('uploads')
    .select(UPLOAD_COLUMNS)
    .where('bucket', '=', bucket)
    .where('key', '<', end)
    .where((column) => {
      const laterKey = column('key', '>=', from);
      if (query.uploadIdMarker === '' || !query.marker.startsWith(query.prefix)) return laterKey;
      return laterKey.or(column('key', '=', query.marker).and('uploadId', '>', query.uploadIdMarker));
    })
    .orderBy('key')
    .orderBy('uploadId')
    .limit(query.limit + 1)
    .execute();
  return toPage(rows, query.limit, toUpload);
}

async function deleteUpload(trx: Kysely<Tables>, uploadId: string): Promise<readonly UploadedPart[]> {
  const parts = await trx
    .selectFrom('parts')
    .selectAll()
    .where('uploadId', '=', uploadId)
    .orderBy('partNumber')
    .execute();
  await trx.deleteFrom('uploads').where('uploadId', '=', uploadId).execute();
  return parts;
}

async function replacePart(trx: Kysely<Tables>, part: UploadedPart): Promise<string | undefined> {
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

function toUpload(row: Omit<MultipartUpload, 'headers'> & { readonly headers: string }): MultipartUpload {
  return { ...row, headers: JSON.parse(row.headers) };
}
