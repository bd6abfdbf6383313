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
export const SCHEMA_STEPS: readonly SchemaStep[] = [
  {
    name: '0013 nodes and their leases',
    // A database file has one emulator, which needs no leases.
    sqlite: [],
    postgres: [
      `create table nodes (
         id text collate "C" primary key,
         name text collate "C" not null,
         "seenAt" timestamptz not null
       )`,
      // No row is ever deleted: the number must only grow.
      `create table leases (
         source text collate "C" primary key,
         owner text collate "C",
         "sessionId" text not null,
         number bigint not null,
         "expiresAt" timestamptz not null,
         "isTakeover" boolean not null,
         push text,
         state text
       )`,
      `create table "leaseRequests" (
         source text collate "C" not null,
         number bigint not null,
         body text not null
       )`,
      'create index "leaseRequestsBySource" on "leaseRequests" (source)',
      'create index "leasesByOwner" on leases (owner) where owner is not null',
    ],
  },
  {
    name: '0014 where nodes reach each other',
    sqlite: [],
    postgres: ['alter table nodes add column url text, add column key text'],
  },
];
