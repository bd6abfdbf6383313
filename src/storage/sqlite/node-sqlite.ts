import type { SqliteConnection, SqliteDriver } from './sqlite-driver.ts';

/**
 * What is used of node:sqlite, which the types of Node 20 do not have.
 * Source: https://nodejs.org/docs/latest-v22.x/api/sqlite.html
 */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => DatabaseSync;
}

interface DatabaseSync {
  exec(statements: string): void;
  prepare(statement: string): StatementSync;
  close(): void;
}

interface StatementSync {
  all(...parameters: readonly unknown[]): unknown[];
  run(...parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...parameters: readonly unknown[]): IterableIterator<unknown>;
}

/** `StatementSync.columns` would tell, but came with Node 22.16. Only one that is taken for giving none would lose rows. */
const GIVES_ROWS = /^\s*(select|with|values|pragma|explain)\b|\breturning\b/i;
const STORES = /^\s*(insert|update)\b/i;

/** node:sqlite, which is part of Node from 22.13 on; undefined where it is not. */
export function loadNodeSqlite(): SqliteDriver | undefined {
  const sqlite = withoutWarning(() => process.getBuiltinModule?.('node:sqlite'));
  if (!isNodeSqlite(sqlite)) return undefined;
  const { DatabaseSync } = sqlite;
  const endsAtNul = !readsNul(new DatabaseSync(':memory:'));
  return {
    name: 'node:sqlite',
    sqliteVersion: process.versions.sqlite ?? 'unknown',
    open(path, busyTimeoutMs, { readOnly } = { readOnly: false }) {
      const database = new DatabaseSync(path, { readOnly });
      // An option for it came with Node 22.16.
      database.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
      return connectionTo(database, endsAtNul);
    },
  };
}

/** Node 22 tells everybody that the module is experimental, which nobody who starts the emulator can act upon. */
function withoutWarning<Result>(load: () => Result): Result {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isNodeSqlite(module: object | undefined): module is NodeSqlite {
  return module !== undefined && 'DatabaseSync' in module && typeof module.DatabaseSync === 'function';
}

/** Node 22 ends a text at its first NUL when it reads it. */
function readsNul(database: DatabaseSync): boolean {
  const [row] = database.prepare('select char(97, 0, 98) as text').all();
  database.close();
  return typeof row === 'object' && row !== null && 'text' in row && row.text === 'a\0b';
}

function connectionTo(database: DatabaseSync, endsAtNul: boolean): SqliteConnection {
  let isOpen = true;
  return {
    exec: (statements) => database.exec(statements),
    prepare(text) {
      const statement = database.prepare(text);
      const check = endsAtNul && STORES.test(text) ? refuseNul : () => {};
      return {
        reader: GIVES_ROWS.test(text),
        all(parameters) {
          check(parameters);
          return statement.all(...parameters);
        },
        run(parameters) {
          check(parameters);
          return statement.run(...parameters);
        },
        iterate: (parameters) => statement.iterate(...parameters),
      };
    },
    close() {
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

/** Better no row than one that is never found again under its name. */
function refuseNul(parameters: readonly unknown[]): void {
  if (parameters.some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new Error(`the SQLite of Node ${process.versions.node} cannot store a text with a NUL in it`);
  }
}
