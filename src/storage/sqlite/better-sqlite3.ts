import { isError } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import type { SqliteConnection, SqliteDriver } from './sqlite-driver.ts';

/**
 * better-sqlite3. Its addon is fetched or compiled by its install script, so it is missing where those are blocked.
 *
 * @throws Error when the package or its addon is missing, or the addon is for another version of Node
 */
export async function loadBetterSqlite3(): Promise<SqliteDriver> {
  const { default: Database } = await import('better-sqlite3');
  // The addon is loaded by the first database.
  const probe = new Database(':memory:');
  const sqliteVersion = String(probe.prepare('select sqlite_version()').pluck().get());
  probe.close();
  return {
    name: 'better-sqlite3',
    sqliteVersion,
    open(path, busyTimeoutMs, { readOnly } = { readOnly: false }): SqliteConnection {
      try {
        return new Database(path, { timeout: busyTimeoutMs, readonly: readOnly });
      } catch (error) {
        // A missing folder is noticed before SQLite is asked.
        if (!isError(error, 'TypeError')) throw error;
        throw Object.assign(new Error(errorText(error)), { code: 'SQLITE_CANTOPEN' });
      }
    },
  };
}
