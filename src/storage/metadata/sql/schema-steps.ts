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
    name: '0014 nodes say what they have done',
    sqlite: [],
    postgres: ['alter table nodes add column acknowledged text'],
  },
  {
    name: '0015 events of all nodes',
    sqlite: [],
    postgres: [
      'create table "eventCounter" ("lastId" bigint not null)',
      'insert into "eventCounter" values (0)',
      `create table "eventBatches" (
         "lastId" bigint primary key,
         count integer not null,
         owner text collate "C" not null,
         "ownLastId" bigint not null,
         "storedAt" timestamptz not null,
         body text not null
       )`,
      'create index "eventBatchesByOwner" on "eventBatches" (owner, "ownLastId")',
    ],
  },
  {
    // The conditions are those of `listOpenDocuments`, and the order, without which SQLite takes the primary key.
    name: '0016 open pushes and recordings of streams are found',
    sqlite: [
      `create index openDocuments on documents (kind, createdMs, scope, name)
         where kind in ('push', 'recording') and body ->> 'endedMs' is null`,
    ],
    postgres: [
      `create index "openDocuments" on documents (kind, "createdMs", scope, name)
         where kind in ('push', 'recording') and body::json ->> 'endedMs' is null`,
    ],
  },
  {
    name: '0017 queues of all nodes',
    sqlite: [],
    postgres: [
      `create table "queueMessages" (
         number bigint generated always as identity primary key,
         queue text collate "C" not null,
         id text not null,
         body text not null,
         priority integer not null,
         "enqueuedMs" bigint not null,
         "nextVisibleMs" bigint not null,
         "firstDequeuedMs" bigint not null default 0,
         "dequeueCount" integer not null default 0,
         "receiptHandle" text
       )`,
      'create index "queueMessagesInOrder" on "queueMessages" (queue, priority, number)',
    ],
  },
  {
    name: '0018 where nodes reach each other',
    sqlite: [],
    postgres: ['alter table nodes add column url text, add column key text'],
  },
  {
    name: '0019 requests to nodes have ids',
    sqlite: [],
    postgres: ['alter table "leaseRequests" add column id bigint generated always as identity primary key'],
  },
  {
    // With the path, which is in the condition, SQLite looks up no rows: a fifth of the time. PostgreSQL needs none for that.
    name: '0020 the starts of the uploads of a range are in their index',
    sqlite: [
      'drop index fragmentsByUpload',
      'create index fragmentsByUpload on fragments (source, uploadedMs, startMs, path) where path is not null',
    ],
    postgres: [],
  },
];

/** The last one. A database in which a later one was made belongs to a newer version. */
export const LATEST_STEP =
  SCHEMA_STEPS.map(({ name }) => name)
    .toSorted()
    .at(-1) ?? '';
