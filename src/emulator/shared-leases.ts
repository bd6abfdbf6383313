import { systemClock } from '../base/clock.ts';
import type { EventLog } from '../storage/event-log/event-log.ts';
import { postgresEventLog } from '../storage/event-log/postgres-event-log.ts';
import type { LeaseTables } from '../storage/leases/postgres/lease-statements.ts';
import { PostgresLeases } from '../storage/leases/postgres-leases.ts';
import type { MessageQueues } from '../storage/message-queues/message-queues.ts';
import { postgresMessageQueues } from '../storage/message-queues/postgres-message-queues.ts';
import { connectPostgres, type PostgresOptions } from '../storage/postgres/connect.ts';
import type { CoreParts } from './core.ts';
import { nodeName } from './node-name.ts';

/** Well below the time in which a lease must be renewed: there must be time to try again. */
const TIMEOUTS = { connectMs: 2_000, statementMs: 2_000, lockMs: 2_000, answerMs: 2_500 };

/** As many as the metadata have. Messages have their own: how many requests there are is for the consumers of queues to say. */
const MAX_CONNECTIONS = { leases: 8, messages: 4 };

/** What nodes that share their metadata have together beside them. */
export interface SharedLeases {
  /** Closes the event log, too. */
  readonly leases: PostgresLeases;
  readonly eventLog: EventLog;
  readonly messageQueues: MessageQueues;
}

/**
 * The leases of a node that shares its metadata with others. It has connections of its own, so that renewals do not wait for
 * those of everything else. The tables must be there.
 */
export async function openSharedLeases(
  { config, log, followClock }: Pick<CoreParts, 'config' | 'log' | 'followClock'>,
  { url, outages, signal }: Pick<PostgresOptions, 'url' | 'outages' | 'signal'>,
): Promise<SharedLeases> {
  const db = await connectPostgres<LeaseTables>({
    url,
    log,
    outages,
    signal,
    timeouts: TIMEOUTS,
    maxConnections: MAX_CONNECTIONS.leases,
  });
  const leases = new PostgresLeases({
    db,
    // Leases end in real time.
    clock: systemClock,
    log,
    name: nodeName(config),
    onOffset: followClock,
  });
  try {
    await leases.readTime();
    leases.start();
    const messages = await connectPostgres<Record<never, never>>({
      url,
      log,
      outages,
      signal,
      maxConnections: MAX_CONNECTIONS.messages,
    });
    return { leases, eventLog: postgresEventLog(db), messageQueues: postgresMessageQueues(messages) };
  } catch (error) {
    await leases.close();
    throw error;
  }
}
