import type { Kysely } from 'kysely';
import type {
  BucketQuery,
  BucketUsage,
  ClassUsage,
  DeleteBucketOutcome,
  MetadataStore,
  Page,
} from '../metadata-store.ts';
import type { Bucket } from '../records.ts';
import { firstRow, type QueryRunner } from './compiled.ts';
import { nameRange, toPage } from './name-ranges.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

const BUCKET_COLUMNS = ['name', 'acl', 'storageClass', 'createdMs', 'owner', 'configurations'] as const;
const NOTHING: BucketUsage = {
  objectCount: 0,
  deleteMarkerCount: 0,
  storageBytes: 0,
  liveChannelCount: 0,
  multipartUploadCount: 0,
  multipartPartCount: 0,
};

type BucketQueries = Pick<
  MetadataStore,
  'putBucket' | 'changeBucket' | 'getBucket' | 'listBuckets' | 'deleteBucket' | 'bucketUsage' | 'classUsage'
>;

export function bucketQueries(db: Kysely<Tables>, dialect: SqlDialect): BucketQueries {
  const byName = db.selectFrom('buckets').select(BUCKET_COLUMNS).where('name', '=', '').compile();
  const read = async (using: QueryRunner, name: string) => {
    const row = await firstRow(using, byName, [name]);
    return row && toBucket(row);
  };
  return {
    putBucket: (bucket) => putBucket(db, bucket),
    changeBucket: (name, change) =>
      dialect.transaction(db, async (trx) => {
        const isThere = dialect.locks ? await dialect.locks.bucketSettings(trx, name) : true;
        const current = isThere ? await read(trx, name) : undefined;
        const changed = change(current);
        if (changed === current) return;
        // The later one of two that make the bucket fails, and changes what the other has made when it runs again.
        if (current) await trx.updateTable('buckets').set(toRow(changed)).where('name', '=', name).execute();
        else await trx.insertInto('buckets').values(toRow(changed)).execute();
      }),
    getBucket: (name) => read(dialect.runnerOf(db), name),
    listBuckets: (query) => listBuckets(db, dialect, query),
    deleteBucket: (name) => dialect.transaction(db, (trx) => deleteBucket(trx, dialect, name)),
    bucketUsage: (name) => bucketUsage(db, dialect, name),
    classUsage: (name) => classUsage(db, dialect, name),
  };
}

async function putBucket(db: Kysely<Tables>, bucket: Bucket): Promise<void> {
  const row = toRow(bucket);
  await db
    .insertInto('buckets')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}

async function listBuckets(db: Kysely<Tables>, dialect: SqlDialect, query: BucketQuery): Promise<Page<Bucket>> {
  const range = nameRange(query, dialect);
  const { owner } = query;
  const rows = await db
    .selectFrom('buckets')
    .select(BUCKET_COLUMNS)
    .$if(owner !== undefined, (select) => select.where('owner', '=', owner ?? ''))
    .where('name', '>=', range.from)
    .where('name', '<', range.end)
    .orderBy('name')
    .limit(query.limit + 1)
    .execute();
  return toPage(rows, query.limit, toBucket);
}

async function deleteBucket(
  trx: Kysely<Tables>,
  { locks, readUsage }: SqlDialect,
  name: string,
): Promise<DeleteBucketOutcome> {
  if (locks) await locks.bucket(trx, name);
  const usage = await readUsage(trx, name);
  if (!usage) return 'missing';
  if (usage.objectCount + usage.deleteMarkerCount > 0) return 'has-objects';
  if (usage.liveChannelCount > 0) return 'has-channels';
  if (usage.multipartUploadCount > 0) return 'has-uploads';
  await trx.deleteFrom('buckets').where('name', '=', name).execute();
  return 'deleted';
}

async function bucketUsage(db: Kysely<Tables>, dialect: SqlDialect, name: string): Promise<BucketUsage> {
  const usage = await dialect.readUsage(db, name);
  if (!usage) return NOTHING;
  const parts = await db
    .selectFrom('uploads')
    .innerJoin('parts', 'parts.uploadId', 'uploads.uploadId')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('bucket', '=', name)
    .executeTakeFirst();
  return { ...usage, multipartPartCount: parts?.count ?? 0 };
}

async function classUsage(db: Kysely<Tables>, dialect: SqlDialect, name: string): Promise<readonly ClassUsage[]> {
  const ownClass = dialect.jsonText('headers', 'x-oss-storage-class');
  return db
    .selectFrom('objects')
    .select(({ fn }) => [
      ownClass.as('storageClass'),
      fn.countAll<number>().as('objectCount'),
      fn.sum<number>('sizeBytes').as('storageBytes'),
    ])
    .where('bucket', '=', name)
    .where(ownClass, 'is not', null)
    .groupBy(ownClass)
    .execute();
}

function toRow(bucket: Bucket) {
  return { ...bucket, configurations: JSON.stringify(bucket.configurations) };
}

function toBucket(row: Omit<Bucket, 'configurations'> & { readonly configurations: string }): Bucket {
  return { ...row, configurations: JSON.parse(row.configurations) };
}
