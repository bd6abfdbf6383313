import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { makePrivateFile } from '../../base/private-paths.ts';
import { machineFault } from '../machine-fault.ts';
import { findSqlite } from '../sqlite/find-sqlite.ts';
import { BUSY_TIMEOUT_MS, type SqliteConnection, type SqliteDriver } from '../sqlite/sqlite-driver.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { Reserve } from './reserve.ts';
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
import { checkSchema, refuseForeign } from './sqlite/check-schema.ts';
import { deletingWithReserve } from './sqlite/deletions.ts';
import { migrate } from './sqlite/migrations.ts';
import { OneConnection } from './sqlite/one-connection.ts';
import { sqliteDialect } from './sqlite/sqlite-sql.ts';

/**
 * All that the drivers have different defaults for, and what the store needs. Foreign keys are off until the migrations
 * are done: one that makes a table anew would lose the references to it.
 */
const SETTINGS = `
  pragma cache_size = -16000;
  pragma journal_mode = wal;
  pragma synchronous = normal;
  pragma foreign_keys = off;
`;

export interface SqliteStoreOptions {
  /** The database file, made when it does not exist; `:memory:` keeps everything in memory until `close`. */
  readonly path: string;
  /** The one that `findSqlite` finds, when it is left out. */
  readonly driver?: SqliteDriver;
  /** For deletions from a full disk. */
  readonly reserve?: Reserve;
  /** Called before tables are made in a database that holds nothing; what it throws refuses that. */
  readonly onEmpty?: () => void;
}

/**
 * The metadata in SQLite. A call that has resolved is not lost when the process ends at any moment (WAL). A power
 * failure may lose the latest calls, but leaves the file consistent (`synchronous = normal`,
 * https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * Writing to a bucket or an upload that does not exist rejects with the OssError NoSuchBucket or NoSuchUpload.
 *
 * @throws UsageError when the file is not a database of this version, belongs to another program, or there is no SQLite
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<MetadataStore> {
  const { path, onEmpty } = options;
  const database = openDatabase(options.driver ?? (await findSqlite()), path, { onEmpty });
  try {
    database.exec('begin immediate');
    migrate(database, path);
    database.exec('commit');
    checkSchema(database, path);
    database.exec('pragma foreign_keys = on');
  } catch (error) {
    database.close();
    throw error;
  }
  const connection = new OneConnection(database);
  const db = kyselyOver(connection);
  const dialect = sqliteDialect(connection);
  const store: MetadataStore = {
    ...bucketQueries(db, dialect),
    ...objectQueries(db, dialect),
    ...versionQueries(db, dialect),
    ...uploadQueries(db, dialect),
    ...channelQueries(db, dialect),
    ...sessionQueries(db, dialect),
    ...fragmentQueries(db, dialect),
    ...documentQueries(db, dialect),
    ...recordingQueries(db, dialect),
    ...allRowQueries(db, dialect),
    locations: locationReader(db),
    // It begins and ends between two writes, because there is one connection.
    copyTo: async (path) => {
      // SQLite takes a file that is empty.
      makePrivateFile(path);
      await sql`vacuum into ${path}`.execute(db);
    },
    close: () => closeAll(db, connection),
  };
  return options.reserve ? deletingWithReserve(store, db, options.reserve) : store;
}

/**
 * Reads the locations of a database that another process may use, and changes nothing in it.
 *
 * @param onEmpty as that of `openSqliteStore`
 * @throws UsageError when the file is not a database, belongs to another program, or there is no SQLite
 */
export async function openLocationReader(
  path: string,
  onEmpty?: () => void,
): Promise<Pick<MetadataStore, 'locations' | 'close'>> {
  const database = openDatabase(await findSqlite(), path, { onEmpty, readOnly: true });
  const connection = new OneConnection(database);
  const db = kyselyOver(connection);
  return { locations: locationReader(db), close: () => closeAll(db, connection) };
}

interface Opening {
  readonly onEmpty: (() => void) | undefined;
  readonly readOnly?: boolean;
}

function openDatabase(driver: SqliteDriver, path: string, { onEmpty, readOnly = false }: Opening): SqliteConnection {
  let database: SqliteConnection | undefined;
  try {
    database = driver.open(path, BUSY_TIMEOUT_MS, { readOnly });
    // Before the settings, of which the mode of the journal is written into the file.
    if (refuseForeign(database, path)) onEmpty?.();
    if (!readOnly) database.exec(SETTINGS);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof UsageError) throw error;
    const reason = machineFault(error) ?? errorText(error);
    throw new UsageError(`${path} cannot be opened as a database: ${reason}. Mend that, or choose another --data-dir.`);
  }
}

async function closeAll(db: Kysely<Tables>, connection: OneConnection): Promise<void> {
  await db.destroy();
  await connection.destroy();
}

function kyselyOver(connection: OneConnection): Kysely<Tables> {
  return new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => connection,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}
