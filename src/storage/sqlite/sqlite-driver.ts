/** How long a connection waits for another process that writes. */
export const BUSY_TIMEOUT_MS = 5_000;

/** One of the libraries that give SQLite. All make the same file, and a process uses only one of them for a file. */
export interface SqliteDriver {
  readonly name: 'better-sqlite3' | 'node:sqlite';
  /** Of SQLite itself, e.g. `3.53.2`. */
  readonly sqliteVersion: string;
  /**
   * Opens a database file, made when it does not exist; `:memory:` is a database of its own. Whoever finds it locked
   * waits for so long. Read-only it writes nothing to the file, not even what is in the log beside it.
   *
   * @throws Error with a result code of SQLite, see `resultCodeOf`
   */
  open(path: string, busyTimeoutMs: number, options?: { readonly readOnly: boolean }): SqliteConnection;
}

/**
 * The part of better-sqlite3's interface that kysely and the store use. Values are texts, numbers and null; integers are
 * safe ones (below 2^53), texts contain no NUL: the libraries treat others differently.
 */
export interface SqliteConnection {
  prepare(statement: string): SqliteStatement;
  /** For statements that give no rows; several are separated by `;`. */
  exec(statements: string): void;
  close(): void;
}

interface SqliteStatement {
  /** Whether it gives rows: then `all` is for it, otherwise `run`. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
}
