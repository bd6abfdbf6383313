import type { Kysely, RawBuilder } from 'kysely';
import type { Fence } from '../../leases/leases.ts';
import type { BucketUsage } from '../metadata-store.ts';
import type { NamedLocation } from '../records.ts';
import type { QueryRunner } from './compiled.ts';
import type { Tables } from './tables.ts';

/** Text of a query. */
type Sql<Value = unknown> = RawBuilder<Value>;

export type CountedUsage = Omit<BucketUsage, 'multipartPartCount'>;

/** What the databases do differently. Everything else is written once, in the files beside this one. */
export interface SqlDialect {
  /** The first character that a name may have: a name with it at its end comes right after the name without it. */
  readonly firstCharacter: string;
  /** The text of a column with that character at its end. */
  rightAfter(name: Sql): Sql<string>;
  /** Where `delimiter` is in a name behind its prefix, from 1; 0 when it is not. */
  delimiterPosition(name: Sql, prefix: string, delimiter: string): Sql<number>;
  /** The name up to that position, exclusive, with `end` instead of the rest. */
  cutAtDelimiter(name: Sql, prefix: string, position: Sql<number>, end: string): Sql<string>;
  /** A join that reads its tables in the order in which they are written. */
  readonly joinInOrder: Sql;
  /** The smaller of two values, either of which may be null. */
  smaller(one: Sql, other: Sql): Sql;
  /** The values of a column as the text of a JSON array, of all rows or those of a condition. Columns have the same order. */
  jsonColumn(column: Sql, condition?: Sql): Sql<string>;
  /** A JSON array. */
  jsonArray(values: readonly Sql[]): Sql;
  /** A text of an object that is stored as JSON. */
  jsonText(column: string, name: string): Sql<string>;
  /** A table of the elements of a JSON array, each of which is an array; `field` is what one of them has. */
  jsonRows(json: string): Sql;
  field(index: number, type: 'text' | 'bigint' | 'double precision'): Sql;
  /** A number without its fraction. */
  whole(value: Sql): Sql<number>;
  /** 32 random hex digits. */
  readonly randomEtag: Sql<string>;
  /** A value for the id of an object's row; a new one where it is null. */
  objectIdOr(id: Sql): Sql;
  /** A query for an id that is higher than those of all versions of the key that is written. */
  readonly nextObjectId: Sql<{ id: number }>;
  /** After rows were stored with ids of their own: later ids are higher. */
  raiseObjectIds(trx: Kysely<Tables>): Promise<void>;
  /** Ids for so many rows, ascending. */
  newObjectIds(trx: Kysely<Tables>, count: number): Promise<readonly number[]>;
  /** What a bucket holds; undefined when there is none. */
  readUsage(db: Kysely<Tables>, bucket: string): Promise<CountedUsage | undefined>;
  /** Deletes all rows. Resolves to those that named bytes. */
  clearAll(trx: Kysely<Tables>): Promise<readonly NamedLocation[]>;
  /** What `read` reads is as it was at one moment. */
  snapshot(db: Kysely<Tables>, read: (trx: Kysely<Tables>) => Promise<void>): Promise<void>;
  /** `work` must have no effect but on the database: it runs again where others that ran at the same time were in its way. */
  transaction<Result>(db: Kysely<Tables>, work: (trx: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** The same for compiled queries alone, and under a lease where there is a fence. */
  compiledTransaction<Result>(
    db: Kysely<Tables>,
    fence: Fence | undefined,
    work: (trx: QueryRunner) => Promise<Result>,
  ): Promise<Result>;
  /** What runs a compiled query, outside of transactions. */
  runnerOf(db: Kysely<Tables>): QueryRunner;
  /**
   * What lets transactions decide one after another, each by what those before it have written. A transaction that needs one takes
   * it first. Undefined where there is only one transaction at a time.
   */
  readonly locks: SqlLocks | undefined;
}

export interface SqlLocks {
  /** For a transaction that writes versions of one key. Rejects with NoSuchBucket when there is no such bucket. */
  key(trx: QueryRunner, bucket: string, key: string): Promise<void>;
  /** For one that decides on the bucket, or on all that is in it: no other writes into it meanwhile. */
  bucket(trx: Kysely<Tables>, bucket: string): Promise<void>;
  /**
   * For one that changes what is configured with the bucket. Writes into the bucket do not wait for it.
   * @returns whether there is such a bucket: one that was made since then is not locked
   */
  bucketSettings(trx: Kysely<Tables>, bucket: string): Promise<boolean>;
  upload(trx: Kysely<Tables>, uploadId: string): Promise<void>;
}
