import { randomUUID } from 'node:crypto';
import { turnOfTheLoop } from '../../base/turn-of-the-loop.ts';
import type { Lease, Leases } from './leases.ts';

/**
 * What only one node does at a time, under a lease of that name, which is no name of a source: it has no slash.
 *
 * Runs as soon as nobody else does it, or not at all when the signal aborts before.
 */
export async function runAlone(
  leases: Leases,
  name: string,
  action: (lease: Lease) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  while (!signal?.aborted) {
    const { lease, holder } = await leases.acquire({ source: name, sessionId: randomUUID() });
    if (lease) return underLease(lease, action);
    await leases.outlive(holder);
    await turnOfTheLoop();
  }
}

/** The name of the lease of a node that starts: it makes what there must be, or finds it. */
export const START_LEASE = 'start';

/** Does not run when somebody else does it now. */
export async function runUnlessRunning(leases: Leases, name: string, action: () => Promise<void>): Promise<void> {
  const { lease } = await leases.acquire({ source: name, sessionId: randomUUID() });
  if (lease) await underLease(lease, action);
}

async function underLease(lease: Lease, action: (lease: Lease) => Promise<void>): Promise<void> {
  try {
    await action(lease);
  } finally {
    await lease.release();
  }
}
