import { loadBetterSqlite3 } from '../../../src/storage/sqlite/better-sqlite3.ts';
import { loadNodeSqlite } from '../../../src/storage/sqlite/node-sqlite.ts';
import type { SqliteDriver } from '../../../src/storage/sqlite/sqlite-driver.ts';

/**
 * Every driver that can be loaded here: contracts run over each. On Node 20 that is better-sqlite3, so
 * `newer-node.test.ts` runs them on a newer Node too.
 */
export const DRIVERS: readonly SqliteDriver[] = [
  await loadBetterSqlite3().catch(() => undefined),
  loadNodeSqlite(),
].filter((driver) => driver !== undefined);
