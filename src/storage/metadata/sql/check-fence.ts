import { type Kysely, sql } from 'kysely';
import { LeaseLost } from '../../leases/lease-lost.ts';
import type { Fence } from '../../leases/leases.ts';
import type { Tables } from './tables.ts';

/**
 * Called first in the transaction that writes under a lease. The row stays locked until its end, so that nobody takes the lease
 * over in between. Only PostgreSQL has leases.
 *
 * @throws LeaseLost when the lease is not held any longer
 */
async function checkFence(trx: Kysely<Tables>, fence: Fence): Promise<void> {
  const { rows } = await heldLease(fence).execute(trx);
  if (rows.length === 0) throw new LeaseLost(fence.source);
}

/** A row if the lease is held, and it is not changed until the end of the transaction. */
export function heldLease({ source, owner, number }: Fence) {
  // Not now(), which is the time when the transaction began.
  return sql`select 1 from leases where source = ${source} and owner = ${owner} and number = ${number}
    and "expiresAt" > clock_timestamp() for share`;
}

/** What a transaction does under a lease; without a fence there is nothing to check. */
export function checked<Result>(
  fence: Fence | undefined,
  write: (trx: Kysely<Tables>) => Promise<Result>,
): (trx: Kysely<Tables>) => Promise<Result> {
  if (!fence) return write;
  return async (trx) => {
    await checkFence(trx, fence);
    return write(trx);
  };
}
