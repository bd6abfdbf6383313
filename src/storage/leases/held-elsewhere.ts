import type { Holder, Leases } from './leases.ts';

/**
 * What other nodes have leases for now, by source, or only those that begin with one of these texts; nothing is asked where nothing
 * is shared.
 */
export async function heldElsewhere(
  leases: Leases,
  beginnings?: readonly string[],
): Promise<ReadonlyMap<string, Holder>> {
  if (!leases.isShared) return new Map();
  const others = (await leases.held(beginnings)).filter(({ owner }) => owner !== leases.owner);
  return new Map(others.map((holder) => [holder.source, holder]));
}

/** The other node that has the lease of a source. */
export async function holderElsewhere(leases: Leases, source: string): Promise<Holder | undefined> {
  if (!leases.isShared) return undefined;
  const holder = await leases.holder(source);
  return holder?.owner === leases.owner ? undefined : holder;
}
