import { type Kysely, sql } from 'kysely';
import { UsageError } from '../../base/errors.ts';
import { LeaseLost } from '../leases/lease-lost.ts';
import { connectPostgres, type PostgresOptions } from '../postgres/connect.ts';
import { DatabaseFault } from '../postgres/database-fault.ts';
import { shownDatabaseUrl } from '../postgres/shown-database-url.ts';
import type { MetadataStore } from './metadata-store.ts';
import { migratePostgres } from './postgres/migrate-postgres.ts';
import { POSTGRES_SQL } from './postgres/postgres-sql.ts';
import { type PutQuickly, quickFragmentPutter } from './postgres/quick-fragment.ts';
import { allRowQueries } from './sql/all-rows.ts';
import { bucketQueries } from './sql/bucket-rows.ts';
import { channelQueries } from './sql/channel-rows.ts';
import { documentQueries } from './sql/document-rows.ts';
import { fragmentQueries } from './sql/fragment-rows.ts';
import { locationReader } from './sql/location-rows.ts';
import { objectQueries } from './sql/object-rows.ts';
import { recordingQueries } from './sql/past-push-rows.ts';
import { sessionQueries } from './sql/session-rows.ts';
import type { Tables } from './sql/tables.ts';
import { uploadQueries } from './sql/upload-rows.ts';
import { versionQueries } from './sql/version-rows.ts';

type PutFragment = MetadataStore['putFragment'];

/**
 * The metadata in PostgreSQL, which several processes may share. A call that has resolved is committed, as durably as the server
 * is configured.
 *
 * What PostgreSQL cannot do at the moment rejects with a DatabaseFault, and texts that it cannot keep are refused with the
 * OssError InvalidArgument. Writing to a bucket or an upload that does not exist rejects as in SQLite.
 *
 * @throws UsageError when the database cannot be used or is of another version, or the package pg is missing
 */
export async function openPostgresStore(options: PostgresOptions): Promise<MetadataStore> {
  const db = await connectPostgres<Tables>(options);
  try {
    await refuseOtherEncoding(db);
    await migratePostgres(db);
  } catch (error) {
    await db.destroy();
    if (!(error instanceof DatabaseFault)) throw error;
    throw new UsageError(`--metadata ${shownDatabaseUrl(options.url)}: ${error.message}`);
  }
  const fragments = fragmentQueries(db, POSTGRES_SQL);
  return {
    ...bucketQueries(db, POSTGRES_SQL),
    ...objectQueries(db, POSTGRES_SQL),
    ...versionQueries(db, POSTGRES_SQL),
    ...uploadQueries(db, POSTGRES_SQL),
    ...channelQueries(db, POSTGRES_SQL),
    ...sessionQueries(db, POSTGRES_SQL),
    ...fragments,
    putFragment: quicklyIfNew(quickFragmentPutter(db), fragments.putFragment),
    ...documentQueries(db, POSTGRES_SQL),
    ...recordingQueries(db, POSTGRES_SQL),
    ...allRowQueries(db, POSTGRES_SQL),
    locations: locationReader(db),
    async copyTo() {
      throw new UsageError('The metadata are in PostgreSQL: back them up with its own tools, such as pg_dump.');
    },
    close: () => db.destroy(),
  };
}

/** The loss of a connection is no reason to end a push: the fragment is stored the other way, which replaces the quick one. */
function quicklyIfNew(putQuickly: PutQuickly, putFragment: PutFragment): PutFragment {
  return async (object, fragment, fence) => {
    let lost: DatabaseFault | undefined;
    try {
      const quick = await putQuickly(object, fragment, fence);
      if (quick) return quick;
    } catch (error) {
      if (!(error instanceof DatabaseFault && error.isLoss)) throw error;
      lost = error;
    }
    try {
      const put = await putFragment(object, fragment, fence);
      // The quick one was stored, and only the answer was lost.
      return put.replacedLocation === object.location ? { ...put, replacedLocation: undefined } : put;
    } catch (error) {
      // That this one was not done does not say that the quick one was not.
      const isOpen = error instanceof DatabaseFault || error instanceof LeaseLost;
      throw isOpen && lost?.mayBeDone ? lost : error;
    }
  };
}

/**
 * What doctor says of a database: the version of the server.
 *
 * @throws DatabaseFault when it cannot be reached, UsageError when the package pg is missing
 */
export async function probePostgres(options: PostgresOptions): Promise<string> {
  const db = await connectPostgres<Tables>(options);
  try {
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db);
    return rows[0]?.version ?? 'unknown';
  } finally {
    await db.destroy();
  }
}

/** @throws UsageError when not every text can be stored */
async function refuseOtherEncoding(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(db);
  const encoding = rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new UsageError(`The database of --metadata has the encoding ${encoding}: create one with the encoding UTF8.`);
}
