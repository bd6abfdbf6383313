import { silentLog } from '../../src/base/log.ts';
import { newBucket } from '../../src/storage/metadata/new-bucket.ts';
import { openPostgresStore } from '../../src/storage/metadata/postgres.ts';
import { startPostgres } from '../../test/support/postgres.ts';

const BUCKET = 'examplebucket';
const CHANNELS = 1_000;
const FRAGMENTS = 200_000;

export interface RowBytes {
  readonly rowBytesPerFragment: number;
  readonly indexBytesPerFragment: number;
}

/** What a fragment takes in PostgreSQL: its row, that of its object, and their indices. Channels write by turns, as they do. */
export async function measureRowBytes(): Promise<RowBytes> {
  const server = await startPostgres();
  try {
    const url = await server.createDatabase();
    const store = await openPostgresStore({ url, log: silentLog });
    await store.putBucket(newBucket(BUCKET, 'private', 0));
    await store.close();
    const database = new URL(url).pathname.slice(1);
    const sizes = async () => {
      const [row] = await server.execute(SIZES, database);
      return { rows: Number(row?.rows), indices: Number(row?.indices) };
    };
    const before = await sizes();
    for (const statement of FILL) await server.execute(statement, database);
    const after = await sizes();
    return {
      rowBytesPerFragment: Math.round((after.rows - before.rows) / FRAGMENTS),
      indexBytesPerFragment: Math.round((after.indices - before.indices) / FRAGMENTS),
    };
  } finally {
    await server.stop('immediate');
  }
}

const SIZES = `select sum(pg_table_size(name)) as rows, sum(pg_indexes_size(name)) as indices
  from unnest(array['objects', 'fragments']::regclass[]) as name`;
const CHANNEL = `'camera-' || lpad((n % ${CHANNELS})::text, 6, '0')`;
const START = `1700000000000 + n / ${CHANNELS} * 5000 + n % ${CHANNELS}`;

const FILL = [
  `insert into "livePlaylists" (id, "nextSequence")
   select gen_random_uuid()::text || '/playlist.m3u8', ${FRAGMENTS} from generate_series(1, ${CHANNELS})`,
  `insert into objects (id, bucket, key, "versionId", "isCurrent", type, "sizeBytes", etag, "lastModifiedMs", acl, location, headers)
   select n + 1, '${BUCKET}', ${CHANNEL} || '/' || (${START}) || '.ts', 'null', 1, 'Normal', 1250000,
          upper(md5(n::text)), ${START}, 'default', 'v1/${BUCKET}/' || gen_random_uuid(), '{"content-type":"video/MP2T"}'
     from generate_series(0, ${FRAGMENTS - 1}) as n`,
  `insert into fragments (source, "startMs", "uploadedMs", "durationMs", "sessionId", playlist, sequence, discontinuity, "objectId")
   select '${BUCKET}/' || ${CHANNEL}, ${START}, ${START} + 5000, 5000, md5((n % ${CHANNELS})::text)::uuid::text,
          n % ${CHANNELS} + 1, n / ${CHANNELS}, 0, n + 1
     from generate_series(0, ${FRAGMENTS - 1}) as n`,
];
