import { type Kysely, sql } from 'kysely';
import { LATEST_STEP } from '../../metadata/sql/schema-steps.ts';
import {
  type EndRequest,
  type Fence,
  type Holder,
  type LeasedState,
  type LeaseRequest,
  type NodeView,
  RESET_LEASE,
  type Seen,
  type SeenReset,
} from '../leases.ts';

/** Nothing of these tables is written by any other file. All times are read by `clock_timestamp()`, the clock of the database. */
export type LeaseTables = Record<never, never>;

export type LeaseDatabase = Kysely<LeaseTables>;

/** What every statement tells of the clock of the database. */
interface AtDatabase {
  readonly nowMs: number;
}

export interface AcquiredRow extends AtDatabase {
  readonly number: number;
  readonly isTakeover: boolean;
}

export interface RenewedRow {
  readonly source: string;
  readonly number: number;
  /** Status of the channel; null for what is no channel. */
  readonly status: string | null;
  /** What other nodes ask for, in order. */
  readonly requests: readonly StoredRequest[];
}

/** It stays until a renewal says that it was handled, because the answer of one that reads it may be lost. */
export interface StoredRequest {
  readonly id: number;
  readonly request: EndRequest;
}

type RenewedJson = Omit<RenewedRow, 'requests'> & {
  readonly requests: readonly { readonly id: number; readonly body: string }[] | null;
};

interface RenewalRow {
  /** JSON of RenewedJson. */
  readonly renewed: string | null;
  /** JSON of names. */
  readonly locked: string | null;
  /** JSON of a SeenReset whose state is JSON. */
  readonly reset: string | null;
  readonly schema: string;
}

type ResetJson = Omit<SeenReset, 'state'> & { readonly state: string | null };

/** A lease to be renewed, with what its push is like now. */
export interface Renewed {
  readonly source: string;
  readonly number: number;
  readonly state: LeasedState | undefined;
}

const NOW_MS = sql`(extract(epoch from clock_timestamp()) * 1000)::float8`;

function inMs(ms: number) {
  return sql`clock_timestamp() + ${ms} * interval '1 millisecond'`;
}

type HolderRow = Omit<Holder, 'push' | 'state' | 'node'> & {
  readonly push: string | null;
  readonly state: string | null;
};

type NodeRow = Omit<NodeView, 'address'> & { readonly url: string | null; readonly key: string | null };

/** The time of the database. */
export async function readTime(db: LeaseDatabase): Promise<number> {
  const { rows } = await sql<AtDatabase>`select ${NOW_MS} as "nowMs"`.execute(db);
  return rows[0]?.nowMs ?? Number.NaN;
}

export async function announceNode(db: LeaseDatabase, node: Omit<NodeView, 'ageMs'>): Promise<void> {
  await nodeIsSeen(node).execute(db);
}

/** The id of a node is of one start only. Its row may be gone: the others forget who was not seen for long. */
function nodeIsSeen({ id, name, address }: Omit<NodeView, 'ageMs'>) {
  return sql`insert into nodes (id, name, "seenAt", url, key)
    values (${id}, ${name}, clock_timestamp(), ${address?.url ?? null}, ${address?.key ?? null})
    on conflict (id) do update set "seenAt" = excluded."seenAt", url = excluded.url, key = excluded.key`;
}

/** One of those who try at once gets it. Undefined: it is held. */
export async function acquireLease(
  db: LeaseDatabase,
  { source, sessionId, push, owner, leaseMs }: LeaseRequest & { readonly owner: string; readonly leaseMs: number },
): Promise<AcquiredRow | undefined> {
  const { rows } = await sql<AcquiredRow>`with forgotten as (
      delete from "leaseRequests" r using leases l where r.source = ${source} and l.source = r.source
        and (l.owner is null or l."expiresAt" <= clock_timestamp())
    )
    insert into leases as l (source, owner, "sessionId", number, "expiresAt", "isTakeover", push)
    values (${source}, ${owner}, ${sessionId}, 1, ${inMs(leaseMs)}, false, ${push ? JSON.stringify(push) : null})
    on conflict (source) do update set owner = excluded.owner, "sessionId" = excluded."sessionId",
      number = l.number + 1, "expiresAt" = excluded."expiresAt", "isTakeover" = l.owner is not null,
      push = excluded.push, state = null
    where l.owner is null or l."expiresAt" <= clock_timestamp()
    returning number, "isTakeover", ${NOW_MS} as "nowMs"`.execute(db);
  return rows[0];
}

export interface Renewal {
  readonly node: Omit<NodeView, 'ageMs'>;
  readonly held: readonly Renewed[];
  /** Ids of requests. */
  readonly handled: readonly number[];
  readonly leaseMs: number;
}

export interface RenewalResult {
  readonly renewed: readonly RenewedRow[];
  /** Sources whose leases are held, but were not renewed: something is being written under them. */
  readonly locked: readonly string[];
  readonly seen: Seen;
}

/**
 * Extends the leases of a node and says that the node is there, in one statement, which tells also what all nodes must know.
 * Leases that are missing in the result are lost: one that has ended is not extended, even if nobody else has it. One lease
 * whose row is locked must not keep the others waiting until they end.
 */
export async function renewLeases(
  db: LeaseDatabase,
  { node, held, handled, leaseMs }: Renewal,
): Promise<RenewalResult> {
  const sources = held.map(({ source }) => source);
  const numbers = held.map(({ number }) => number);
  const states = held.map(({ state }) => (state ? JSON.stringify(state) : null));
  const { rows } = await sql<RenewalRow>`with seen as (
      ${nodeIsSeen(node)}
    ), forgotten as (
      delete from "leaseRequests" where id = any(${handled}::bigint[])
    ), held as materialized (
      select l.source, l.number, mine.state from leases l
      join unnest(${sources}::text[], ${numbers}::bigint[], ${states}::text[]) as mine (source, number, state)
        on l.source = mine.source and l.number = mine.number
      where l.owner = ${node.id} and l."expiresAt" > clock_timestamp()
    ), free as (
      select source, number from leases
      where source in (select source from held) and owner = ${node.id} for update skip locked
    ), renewed as (
      update leases l set "expiresAt" = ${inMs(leaseMs)}, state = held.state
      from held join free using (source, number)
      where l.source = held.source and l.number = held.number and l."expiresAt" > clock_timestamp()
      returning l.source, l.number, (
        select c.status from channels c
        where c.bucket = split_part(l.source, '/', 1) and c.name = substr(l.source, strpos(l.source, '/') + 1)
      ) as status, (
        select json_agg(json_build_object('id', r.id, 'body', r.body) order by r.id) from "leaseRequests" r
        where r.source = l.source and r.number = l.number and r.id <> all(${handled}::bigint[])
      ) as requests
    )
    select (select json_agg(renewed)::text from renewed) as renewed, (
      select json_agg(source)::text from held where source not in (select source from renewed)
    ) as locked, (
      select json_build_object('owner', owner, 'number', number, 'state', state,
        'isGoingOn', owner is not null and "expiresAt" > clock_timestamp())::text
      from leases where source = ${RESET_LEASE}
    ) as reset, (select max(name) from kysely_migration) as schema`.execute(db);
  const [row] = rows;
  const renewed = parse<RenewedJson[]>(row?.renewed ?? null) ?? [];
  const reset = parse<ResetJson>(row?.reset ?? null);
  return {
    renewed: renewed.map((lease) => ({
      ...lease,
      requests: (lease.requests ?? []).map(({ id, body }) => ({ id, request: JSON.parse(body) })),
    })),
    locked: parse<string[]>(row?.locked ?? null) ?? [],
    seen: {
      newerSchema: row && row.schema > LATEST_STEP ? row.schema : undefined,
      reset: reset && { ...reset, state: parse<LeasedState>(reset.state)?.reset },
    },
  };
}

export async function acknowledge(db: LeaseDatabase, id: string, text: string): Promise<void> {
  await sql`update nodes set acknowledged = ${text} where id = ${id}`.execute(db);
}

/** Read by the holder with its next renewal. A lease that has ended meanwhile has nobody who reads it. */
export async function askHolder(db: LeaseDatabase, { source, number }: Holder, request: EndRequest): Promise<void> {
  await sql`insert into "leaseRequests" (source, number, body) values (${source}, ${number}, ${JSON.stringify(request)})`.execute(
    db,
  );
}

export async function releaseLease(db: LeaseDatabase, { source, owner, number }: Fence): Promise<void> {
  await sql`update leases set owner = null, "expiresAt" = clock_timestamp()
    where source = ${source} and owner = ${owner} and number = ${number}`.execute(db);
}

/** Of one source, of those that begin with one of these texts, or of all. */
export async function heldLeases(
  db: LeaseDatabase,
  meant: { readonly source?: string; readonly beginnings?: readonly string[] | undefined },
): Promise<readonly Holder[]> {
  const { source, beginnings } = { source: meant.source ?? null, beginnings: meant.beginnings ?? null };
  const { rows } = await sql<HolderRow>`select source, "sessionId", owner, number, push, state,
      (extract(epoch from "expiresAt") * 1000)::float8 as "expiresMs",
      (extract(epoch from "expiresAt" - clock_timestamp()) * 1000)::float8 as "leftMs"
    from leases
    where owner is not null and "expiresAt" > clock_timestamp()
      and (${source}::text is null or source = ${source})
      and (${beginnings}::text[] is null or source ^@ any(${beginnings}::text[]))
    order by source`.execute(db);
  return rows.map((row) => ({
    ...row,
    node: row.owner.slice(0, row.owner.lastIndexOf('#')),
    push: parse(row.push),
    state: parse(row.state),
  }));
}

/** What the adapter wrote itself. */
function parse<Value>(json: string | null): Value | undefined {
  return json === null ? undefined : JSON.parse(json);
}

export async function seenNodes(db: LeaseDatabase, withinMs: number): Promise<readonly NodeView[]> {
  const { rows } = await sql<NodeRow>`select id, name, acknowledged, url, key,
      (extract(epoch from clock_timestamp() - "seenAt") * 1000)::float8 as "ageMs"
    from nodes where "seenAt" > ${inMs(-withinMs)} order by name, id`.execute(db);
  return rows.map(({ id, name, ageMs, acknowledged, url, key }) => ({
    id,
    name,
    ageMs,
    acknowledged,
    address: url === null || key === null ? undefined : { url, key },
  }));
}

/** Of nodes that are long gone, so that the table does not grow with every start. */
export async function forgetNodes(db: LeaseDatabase, afterMs: number): Promise<void> {
  await sql`delete from nodes where "seenAt" < ${inMs(-afterMs)}`.execute(db);
}

export async function removeNode(db: LeaseDatabase, id: string): Promise<void> {
  await sql`delete from nodes where id = ${id}`.execute(db);
}
