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
  /** What other nodes asked for since the renewal before. */
  readonly requests: readonly EndRequest[];
}

type RenewedJson = Omit<RenewedRow, 'requests'> & { readonly requests: readonly string[] | null };

interface RenewalRow {
  /** JSON of RenewedJson. */
  readonly renewed: string | null;
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

/** The id of a node is of one start only. */
export async function announceNode(db: LeaseDatabase, node: Omit<NodeView, 'ageMs'>): Promise<void> {
  const { id, name, address } = node;
  await sql`insert into nodes (id, name, "seenAt", url, key)
    values (${id}, ${name}, clock_timestamp(), ${address?.url ?? null}, ${address?.key ?? null})
    on conflict (id) do update set "seenAt" = excluded."seenAt", url = excluded.url, key = excluded.key`.execute(db);
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

/**
 * Extends the leases of a node and says that the node is there, in one statement, which tells also what all nodes must know.
 * Leases that are missing in the result are lost: one that has ended is not extended, even if nobody else has it.
 */
export async function renewLeases(
  db: LeaseDatabase,
  { owner, held, leaseMs }: { readonly owner: string; readonly held: readonly Renewed[]; readonly leaseMs: number },
): Promise<{ readonly renewed: readonly RenewedRow[]; readonly seen: Seen }> {
  const sources = held.map(({ source }) => source);
  const numbers = held.map(({ number }) => number);
  const states = held.map(({ state }) => (state ? JSON.stringify(state) : null));
  const { rows } = await sql<RenewalRow>`with seen as (
      update nodes set "seenAt" = clock_timestamp() where id = ${owner}
    ), asked as (
      delete from "leaseRequests" r using unnest(${sources}::text[], ${numbers}::bigint[]) as mine (source, number)
      where r.source = mine.source and r.number = mine.number returning r.source, r.body
    ), renewed as (
      update leases l set "expiresAt" = ${inMs(leaseMs)}, state = mine.state
      from unnest(${sources}::text[], ${numbers}::bigint[], ${states}::text[]) as mine (source, number, state)
      where l.source = mine.source and l.owner = ${owner} and l.number = mine.number and l."expiresAt" > clock_timestamp()
      returning l.source, l.number, (
        select c.status from channels c
        where c.bucket = split_part(l.source, '/', 1) and c.name = substr(l.source, strpos(l.source, '/') + 1)
      ) as status, (select json_agg(a.body) from asked a where a.source = l.source) as requests
    )
    select (select json_agg(renewed)::text from renewed) as renewed, (
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
      requests: (lease.requests ?? []).map((body) => JSON.parse(body)),
    })),
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
