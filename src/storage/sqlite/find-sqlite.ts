import { isMissingPackage } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { loadBetterSqlite3 } from './better-sqlite3.ts';
import { loadNodeSqlite } from './node-sqlite.ts';
import type { SqliteDriver } from './sqlite-driver.ts';

/**
 * better-sqlite3 where its addon can be loaded, because it is faster; else the SQLite of Node.
 *
 * @throws UsageError when there is neither; the message says how to get one
 */
export async function findSqlite(): Promise<SqliteDriver> {
  try {
    return await loadBetterSqlite3();
  } catch (error) {
    const ofNode = loadNodeSqlite();
    if (ofNode) return ofNode;
    throw new UsageError(`There is no SQLite: Node ${process.versions.node} has none, and ${missing(error)}`);
  }
}

/**
 * npm leaves out an optional package that it could not build, and may leave out the script that fetches or builds it. Of npm 12
 * it would have to be approved first, but that runs on no Node without SQLite.
 */
function missing(error: unknown): string {
  if (isMissingPackage(error)) {
    return 'better-sqlite3 is not installed. Use Node 22.13 or later, or: npm install better-sqlite3@12';
  }
  const [reason = ''] = errorText(error)
    .replaceAll(/\s+/g, ' ')
    .split(/\.(?: |$)/);
  return (
    `better-sqlite3 cannot be loaded (${reason}). Use Node 22.13 or later, or let npm run the install script that it ` +
    'left out: npm rebuild better-sqlite3 --ignore-scripts=false'
  );
}
