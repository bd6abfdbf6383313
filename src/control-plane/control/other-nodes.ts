import { UsageError } from '../../base/errors.ts';
import type { Leases } from '../../storage/leases/leases.ts';

/**
 * For what changes one node only, or everything that the others work with.
 * @throws UsageError when there are other nodes
 */
export async function refuseBesideOthers(leases: Leases, what: string): Promise<void> {
  if (!leases.isShared) return;
  const others = (await leases.presentNodes()).filter(({ id }) => id !== leases.owner);
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(', ');
  throw new UsageError(`${what} is for a single node, and others share the database: ${names}. Stop them first.`);
}
