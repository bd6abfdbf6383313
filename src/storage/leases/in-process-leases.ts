import { randomUUID } from 'node:crypto';
import type { Acquired, Holder, LeaseRequest, Leases } from './leases.ts';

/**
 * The leases of an emulator that shares its metadata with nobody. They end when they are released, and with the process;
 * there is nothing to renew and nothing to check.
 */
export function createInProcessLeases(): Leases {
  // Another one at every start, as that of every node.
  const owner = randomUUID();
  const node = 'the only one';
  const nodes = async () => [{ id: owner, name: node, ageMs: 0 }];
  const held = new Map<string, Holder>();
  /** Of the latest lease, over all sources. */
  let latest = 0;
  return {
    owner,
    isShared: false,
    async acquire({ source, sessionId, push }: LeaseRequest): Promise<Acquired> {
      const present = held.get(source);
      if (present) return { holder: present };
      const number = ++latest;
      const infinite = Number.POSITIVE_INFINITY;
      const state = undefined;
      held.set(source, { source, sessionId, owner, node, number, expiresMs: infinite, leftMs: infinite, push, state });
      const isHeld = () => held.get(source)?.number === number;
      const release = async () => {
        if (isHeld()) held.delete(source);
      };
      return { lease: { number, fence: undefined, isTakeover: false, isHeld, release } };
    },
    announce: async () => {},
    attach() {},
    onSeen() {},
    acknowledge: async () => {},
    ask: async () => {},
    renewAll: async () => {},
    holder: async (source) => held.get(source),
    held: async (beginnings = ['']) =>
      [...held.values()].filter(({ source }) => beginnings.some((beginning) => source.startsWith(beginning))),
    outlive: async () => false,
    nodes,
    presentNodes: nodes,
    close: async () => held.clear(),
  };
}
