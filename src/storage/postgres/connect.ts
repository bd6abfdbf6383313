import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Client, ClientConfig, CustomTypesConfig, Pool, PoolClient } from 'pg';
import { keepProcessAlive, startStopwatch, systemClock } from '../../base/clock.ts';
import { hasErrorCode, isError, isMissingPackage } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { wait } from '../../base/wait.ts';
import type { Outages } from '../outages.ts';
import { DatabaseFault, toDatabaseFault } from './database-fault.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; what it leaves out comes from the variables of libpq (PGPASSWORD ...). */
  readonly url: string;
  readonly log: Log;
  /** Told of what fails, before who waits for it is. */
  readonly outages?: Pick<Outages, 'failed'> | undefined;
  /** Once it is aborted what is asked fails, also what is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Tests have shorter ones. */
  readonly timeouts?: Partial<PostgresTimeouts>;
  /** By default 12: a PostgreSQL has room for 100 by default, and several nodes share it. */
  readonly maxConnections?: number;
}

export interface PostgresTimeouts {
  /** How long a server that refuses connections is tried again: a restart takes less. */
  readonly patienceMs: number;
  /** Until a connection is there, one of the pool or a new one. */
  readonly connectMs: number;
  /** Of one statement, by the server. */
  readonly statementMs: number;
  /** Of waiting for a lock, by the server. */
  readonly lockMs: number;
  /** Of one statement, by the client: for a server that is stopped, or cut off. */
  readonly answerMs: number;
  /** Of a transaction between two statements, by the server: a stopped client keeps its locks no longer. */
  readonly idleInTransactionMs: number;
}

const TIMEOUTS: PostgresTimeouts = {
  patienceMs: 3_000,
  connectMs: 4_000,
  statementMs: 10_000,
  lockMs: 5_000,
  answerMs: 12_000,
  idleInTransactionMs: 2_000,
};

const RETRY_DELAY_MS = 100;
/** Until a server that is asked whether it answers has done so. */
const PROBE_TIMEOUT_MS = 2_000;

const MAX_CONNECTIONS = 12;

/** int8 and numeric: times and sizes are below 2^53. */
const NUMBERS = [20, 1700];

type Pg = typeof import('pg').default;

/**
 * The queries of one pool, which connects when it is used, and again after a failure. Whatever fails because of PostgreSQL or
 * the way to it rejects with a DatabaseFault.
 *
 * @throws UsageError when the package is missing
 */
export async function connectPostgres<Tables>(options: PostgresOptions): Promise<Kysely<Tables>> {
  const pg = await loadPg();
  const pool = new pg.Pool({
    ...settings(pg, options),
    Client: guardedClient(pg, options.signal),
    max: options.maxConnections ?? MAX_CONNECTIONS,
  });
  const reported = new WeakSet<object>();
  const onLost: OnLost = (error, client) => {
    if (reported.has(client)) return;
    reported.add(client);
    options.log.debug('postgres.connection-lost', { error: errorText(error) });
  };
  // Without a listener the loss of an idle connection ends the process; so does that of one that is between two statements.
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', (error) => onLost(error, client)));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: faultReporting(pool, onLost, options) }) });
}

/**
 * Asks whether PostgreSQL answers, over a connection of its own.
 * @throws DatabaseFault when it does not, and what else is no answer of it; resolves when it has answered, if only with a refusal
 */
export async function reachPostgres(url: string, connectMs = PROBE_TIMEOUT_MS): Promise<void> {
  const pg = await loadPg();
  const client = new (guardedClient(pg))(settings(pg, { url, timeouts: { connectMs } }));
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const fault = toDatabaseFault(error);
    const isAnswer = fault instanceof DatabaseFault ? !fault.mayBeOutage : error instanceof pg.DatabaseError;
    if (!isAnswer) throw fault;
  } finally {
    client.end().catch(() => {});
  }
}

/** What pg calls with the stream of a connection, when it begins to read the protocol from it. Its types leave it out. */
interface Reading {
  attachListeners(stream: Duplex): void;
}

/**
 * A client that loses its connection when `signal` aborts, and when what comes is not of the protocol, or not known to pg. By itself
 * pg throws in the event of the bytes, which ends the process.
 */
function guardedClient(pg: Pg, signal?: AbortSignal): typeof Client {
  // Each connection has a listener: Node's warning of a leak would be wrong.
  if (signal) setMaxListeners(0, signal);
  return class extends pg.Client {
    constructor(config?: string | ClientConfig) {
      super(config);
      const connection = this.connection as Client['connection'] & Reading;
      const end = () => connection.stream.destroy(givenUp());
      // Of one that is made for who waited for a place in the pool; it begins to connect in this turn.
      if (signal?.aborted) process.nextTick(end);
      else signal?.addEventListener('abort', end);
      connection.once('end', () => signal?.removeEventListener('abort', end));
      const attach = connection.attachListeners;
      connection.attachListeners = (stream) => {
        const before = stream.listeners('data');
        attach.call(connection, stream);
        for (const read of stream.listeners('data').filter((listener) => !before.includes(listener))) {
          stream.off('data', read as (bytes: Buffer) => void);
          stream.on('data', (bytes: Buffer) => {
            try {
              read.call(stream, bytes);
            } catch (error) {
              stream.destroy(new Error(`Not of PostgreSQL: ${errorText(error)}`, { cause: error }));
            }
          });
        }
      };
    }
  };
}

/** Tells of the loss of a connection, once for each. */
type OnLost = (error: unknown, client: object) => void;

function settings(pg: Pg, { url, timeouts }: Pick<PostgresOptions, 'url' | 'timeouts'>): ClientConfig {
  const { connectMs, statementMs, lockMs, answerMs, idleInTransactionMs } = { ...TIMEOUTS, ...timeouts };
  const types: CustomTypesConfig = {
    getTypeParser: (oid, format) => (NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)),
  };
  return {
    connectionString: url,
    types,
    application_name: 'oss-livechannel',
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    query_timeout: answerMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
}

/** @throws UsageError when it is not installed */
async function loadPg(): Promise<Pg> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    if (!isMissingPackage(error)) throw error;
    throw new UsageError('--metadata postgres:// needs the package pg. Install it: npm install pg@8');
  }
}

/** A connection after which something failed on the way is not used again. */
function faultReporting(pool: Pool, onLost: OnLost, { outages, timeouts, signal }: PostgresOptions): PostgresPool {
  const { patienceMs } = { ...TIMEOUTS, ...timeouts };
  const toFault: ToFault = (error, forMs, wouldCommit = false) => {
    const known = toDatabaseFault(error, wouldCommit);
    const fault = signal?.aborted && known instanceof DatabaseFault ? givenUp(wouldCommit) : known;
    if (fault instanceof DatabaseFault && (fault.isPassing || signal?.aborted)) outages?.failed(fault, forMs);
    return fault;
  };
  return {
    async connect() {
      const passedMs = startStopwatch(systemClock);
      for (;;) {
        if (signal?.aborted) throw toFault(givenUp(), passedMs());
        try {
          return reportingClient(await pool.connect(), toFault, onLost);
        } catch (error) {
          const fault = toFault(error, passedMs());
          if (!(fault instanceof DatabaseFault && fault.isLoss) || passedMs() >= patienceMs) throw fault;
        }
        const letEnd = keepProcessAlive();
        await wait(systemClock, RETRY_DELAY_MS, signal).finally(letEnd);
      }
    },
    end: () => pool.end(),
  };
}

/** It says nothing of the database. */
function givenUp(mayBeDone = false): DatabaseFault {
  return new DatabaseFault('the request was given up', '', { detail: 'the emulator stops', mayBeDone });
}

/** `toDatabaseFault` of what has failed after `forMs` milliseconds. */
type ToFault = (error: unknown, forMs: number, wouldCommit?: boolean) => unknown;

function reportingClient(client: PoolClient, toFault: ToFault, onLost: OnLost): PostgresPoolClient {
  let broken: Error | undefined;
  let isInTransaction = false;
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (text === 'rollback' && broken) return EMPTY;
    if (!parameters.every(canBeKept)) throw textNotKept();
    if (text.startsWith('start transaction')) isInTransaction = true;
    if (text === 'commit' || text === 'rollback') isInTransaction = false;
    const wouldCommit = !isInTransaction;
    const passedMs = startStopwatch(systemClock);
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      if (hasErrorCode(error, ...TEXT_NOT_KEPT)) throw textNotKept();
      const fault = toFault(error, passedMs(), wouldCommit);
      if (fault instanceof DatabaseFault && fault.isLoss) onLost(error, client);
      if (fault instanceof DatabaseFault || text === 'rollback') broken = isError(fault) ? fault : undefined;
      // The failure before it is what the caller must see; closing the connection rolls back.
      if (text === 'rollback') return EMPTY;
      throw fault;
    }
  };
  return {
    // The cast: kysely's type has an overload for cursors, which are not used.
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(broken),
  };
}

/** SQLSTATEs of U+0000 in a text, and of U+0000 and half a pair in a JSON text that is looked into, where they are escaped. */
const TEXT_NOT_KEPT = ['22021', '22P05', '22P02'];

/** PostgreSQL has no U+0000, and half of a surrogate pair would become U+FFFD, so that two names fall together. */
function canBeKept(value: unknown): boolean {
  return typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'));
}

function textNotKept(): OssError {
  return new OssError('InvalidArgument', 'A name or a text has a U+0000 or half of a surrogate pair in it.');
}

const EMPTY = { command: 'ROLLBACK', rowCount: 0, rows: [] };
