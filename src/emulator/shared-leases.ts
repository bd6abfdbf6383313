import { systemClock } from '../base/clock.ts';
import type { EventLog } from '../storage/event-log/event-log.ts';
import { postgresEventLog } from '../storage/event-log/postgres-event-log.ts';
import type { LeaseTables } from '../storage/leases/postgres/lease-statements.ts';
import { PostgresLeases } from '../storage/leases/postgres-leases.ts';
import type { MessageQueues } from '../storage/message-queues/message-queues.ts';
import { postgresMessageQueues } from '../storage/message-queues/postgres-message-queues.ts';
import { connectPostgres } from '../storage/postgres/connect.ts';
import type { CoreParts } from './core.ts';
import { nodeName } from './node-name.ts';

/** Well below the time in which a lease must be renewed: there must be time to try again. */
const TIMEOUTS = { connectMs: 2_000, statementMs: 2_000, lockMs: 2_000, answerMs: 2_500 };

/** What nodes that share their metadata have together beside them. */
export interface SharedLeases {
  /** Closes all. */
  readonly leases: PostgresLeases;
  readonly eventLog: EventLog;
  readonly messageQueues: MessageQueues;
}

/**
 * The leases of a node that shares its metadata with others. It has connections of its own, so that renewals do not wait for
 * those of everything else. The tables must be there.
 */
export async function openSharedLeases({ config, log, followClock }: CoreParts, url: string): Promise<SharedLeases> {
  const db = await connectPostgres<LeaseTables>({ url, log, timeouts: TIMEOUTS });
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
    return { leases, eventLog: postgresEventLog(db), messageQueues: postgresMessageQueues(db) };
  } catch (error) {
    await leases.close();
    throw error;
  }
}
