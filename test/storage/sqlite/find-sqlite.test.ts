import { beforeEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { loadBetterSqlite3 } from '../../../src/storage/sqlite/better-sqlite3.ts';
import { findSqlite } from '../../../src/storage/sqlite/find-sqlite.ts';
import { loadNodeSqlite } from '../../../src/storage/sqlite/node-sqlite.ts';
import type { SqliteDriver } from '../../../src/storage/sqlite/sqlite-driver.ts';

vi.mock('../../../src/storage/sqlite/better-sqlite3.ts');
vi.mock('../../../src/storage/sqlite/node-sqlite.ts');

const open = () => expect.unreachable();
const BETTER: SqliteDriver = { name: 'better-sqlite3', sqliteVersion: '3.53.2', open };
const OF_NODE: SqliteDriver = { name: 'node:sqlite', sqliteVersion: '3.54.1', open };

beforeEach(() => {
  vi.mocked(loadBetterSqlite3).mockRejectedValue(new Error('no addon'));
  vi.mocked(loadNodeSqlite).mockReturnValue(undefined);
});

test('better-sqlite3 is taken where there are both', async () => {
  vi.mocked(loadBetterSqlite3).mockResolvedValue(BETTER);
  vi.mocked(loadNodeSqlite).mockReturnValue(OF_NODE);
  expect(await findSqlite()).toBe(BETTER);
});

test('the SQLite of Node is taken where the addon is missing', async () => {
  vi.mocked(loadNodeSqlite).mockReturnValue(OF_NODE);
  expect(await findSqlite()).toBe(OF_NODE);
});

test.each([
  [
    new Error('Could not locate the bindings file. Tried:\n → /a/better_sqlite3.node\n → /b/better_sqlite3.node'),
    'better-sqlite3 cannot be loaded (Could not locate the bindings file)',
    'npm rebuild better-sqlite3 --ignore-scripts=false',
  ],
  [
    new Error(
      "The module '/a/better_sqlite3.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115. This",
    ),
    "The module '/a/better_sqlite3.node' was compiled against a different Node.js version using NODE_MODULE_VERSION 115)",
    'npm rebuild better-sqlite3 --ignore-scripts=false',
  ],
  [
    Object.assign(new Error("Cannot find package 'better-sqlite3'"), { code: 'ERR_MODULE_NOT_FOUND' }),
    'better-sqlite3 is not installed',
    'npm install better-sqlite3@12',
  ],
  [
    Object.assign(new Error("Cannot find module 'better-sqlite3'\nRequire stack:\n- /a"), { code: 'MODULE_NOT_FOUND' }),
    'better-sqlite3 is not installed',
    'npm install better-sqlite3@12',
  ],
])('neither is one line that says why, and what to do', async (failure, reason, advice) => {
  vi.mocked(loadBetterSqlite3).mockRejectedValue(failure);
  const refusal: unknown = await findSqlite().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UsageError);
  const text = String(refusal);
  expect(text).toContain(`Node ${process.versions.node} has none`);
  expect(text).toContain(reason);
  expect(text).toContain('Use Node 22.13 or later');
  expect(text.endsWith(advice)).toBe(true);
  expect(text).not.toContain('\n');
});
