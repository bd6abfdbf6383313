import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { errorText } from '../../../base/error-text.ts';
import type { SqliteConnection } from '../../sqlite/sqlite-driver.ts';
import type { QueryRunner } from '../sql/compiled.ts';

type Statement = ReturnType<SqliteConnection['prepare']>;

/**
 * The one connection to a database, on which transactions take turns. It is the driver of Kysely; compiled queries run on it
 * directly, because the promises that Kysely has for each query cost more than finding a row.
 */
export class OneConnection implements Driver, QueryRunner {
  readonly #database: SqliteConnection;
  /** There are few different texts, so each statement is kept. */
  readonly #statements = new Map<string, Statement>();
  readonly #holder: DatabaseConnection = {
    executeQuery: async <Row>(query: CompiledQuery) => this.#run<Row>(query),
    streamQuery() {
      throw new Error('rows are read all at once');
    },
  };
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;
  #isClosed = false;

  constructor(database: SqliteConnection) {
    this.#database = database;
  }

  /** Runs a query that is no part of a transaction. */
  async executeQuery<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    // It is over before anything else can begin.
    if (!this.#isHeld) return this.#run<Row>(query);
    await this.acquireConnection();
    try {
      return this.#run<Row>(query);
    } finally {
      this.#release();
    }
  }

  async transaction<Result>(work: (trx: QueryRunner) => Promise<Result>): Promise<Result> {
    const trx = await this.acquireConnection();
    try {
      await this.beginTransaction();
      const result = await work(trx);
      await this.commitTransaction();
      return result;
    } catch (error) {
      await this.rollbackTransaction();
      throw error;
    } finally {
      this.#release();
    }
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isHeld = true;
    return this.#holder;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(): Promise<void> {
    this.#prepare('begin').run([]);
  }

  async commitTransaction(): Promise<void> {
    this.#prepare('commit').run([]);
  }

  /** After some failures, such as a full disk, SQLite has rolled back itself. What is reported then is the failure. */
  async rollbackTransaction(): Promise<void> {
    try {
      this.#prepare('rollback').run([]);
    } catch (error) {
      if (!errorText(error).includes('no transaction is active')) throw error;
    }
  }

  /** May be called again: Kysely calls it only when one of its own queries has run. */
  async destroy(): Promise<void> {
    if (!this.#isClosed) this.#database.close();
    this.#isClosed = true;
  }

  /** Whoever has waited longest gets it, before anybody who comes later. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isHeld = false;
  }

  #run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const statement = this.#prepare(sql);
    // The cast: what a query gives is known to whoever has written it.
    if (statement.reader) return { rows: statement.all(parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  #prepare(text: string): Statement {
    const known = this.#statements.get(text);
    if (known) return known;
    const prepared = this.#database.prepare(text);
    this.#statements.set(text, prepared);
    return prepared;
  }
}
