/** A change of the tables, in both databases. A database in which nothing changes has no statements. */
export interface SchemaStep {
  /** Later ones sort later. */
  readonly name: string;
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
}

/**
 * All changes of the tables since there is PostgreSQL, in order. One that has been released is never edited; a change is a new one.
 * Those before are in `sqlite/migrations.ts`, and their result is where PostgreSQL begins: `postgres/migrate-postgres.ts`.
 */
export const SCHEMA_STEPS: readonly SchemaStep[] = [];
