/** What happens to a cluster in a round. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../crash/random.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { Downtime } from './downtime.ts';
import { LEASE_MS } from './lease.ts';
import type { Site } from './site.ts';

/** The faults of a round begin within this time, so that they meet. */
const BEGIN_WITHIN_MS = 8_000;
const STORE_AWAY_MS = 5_000;

interface Fault {
  readonly what: string;
  readonly afterMs: number;
  happen(): Promise<void>;
}

/** Chosen before anything happens: the same seed has the same round. */
export function chooseFaults(site: Site, random: Random, downtime: Downtime): readonly Fault[] {
  const { nodes, database, store } = site;
  const killed = random.pick(nodes);
  const others = nodes.filter((node) => node !== killed);
  const paused = random.pick(others.length > 0 ? others : nodes);
  const cut = nodes.find((node) => node.network && node !== killed && node !== paused);
  const away = new AbsentNodes(nodes, downtime);
  const restartMs = 500 + random.below(2_500);
  const pauseMs = LEASE_MS + 1_000 + random.below(3_000);
  const cutMs = LEASE_MS + 1_000 + random.below(3_000);
  const databaseMs = random.below(1_500);
  const mode = random.pick(['fast', 'immediate'] as const);
  const afterMs = () => random.below(BEGIN_WITHIN_MS);
  const killing: Fault = {
    what: `${killed.name} killed, started again after ${restartMs} ms`,
    afterMs: afterMs(),
    async happen() {
      away.add(killed);
      await killed.kill();
      await delay(restartMs);
      await killed.start();
      away.remove(killed);
    },
  };
  const pausing: Fault = {
    what: `${paused.name} stopped for ${pauseMs} ms`,
    afterMs: afterMs(),
    async happen() {
      away.add(paused);
      paused.pause();
      await delay(pauseMs);
      paused.resume();
      away.remove(paused);
    },
  };
  const cutting: Fault = {
    what: `${cut?.name} cut off for ${cutMs} ms`,
    afterMs: afterMs(),
    async happen() {
      if (!cut) return;
      away.add(cut);
      await cut.network?.cut();
      await delay(cutMs);
      await cut.network?.heal();
      away.remove(cut);
    },
  };
  const restarting: Fault = {
    what: `PostgreSQL restarted (${mode}, away for ${databaseMs} ms)`,
    afterMs: afterMs(),
    async happen() {
      const end = downtime.begin();
      await database.stop(mode);
      await delay(databaseMs);
      await database.start();
      end();
    },
  };
  const losingStore: Fault = {
    what: `the store stopped for ${STORE_AWAY_MS} ms`,
    afterMs: afterMs(),
    async happen() {
      await store.pause();
      await delay(STORE_AWAY_MS);
      store.resume();
    },
  };
  // One that is alone would be killed while it is stopped.
  const all = [killing, restarting, losingStore].concat(paused === killed ? [] : pausing, cut ? cutting : []);
  return all.toSorted((a, b) => a.afterMs - b.afterMs);
}

/** Resolves when all of them are over. */
export async function runFaults(faults: readonly Fault[]): Promise<void> {
  await Promise.all(
    faults.map(async ({ afterMs, happen }) => {
      await delay(afterMs);
      await happen();
    }),
  );
}

/** While they are all nodes, nobody serves. */
class AbsentNodes {
  readonly #nodes: readonly ClusterNode[];
  readonly #downtime: Downtime;
  readonly #absent = new Set<ClusterNode>();
  #end: () => void = () => {};

  constructor(nodes: readonly ClusterNode[], downtime: Downtime) {
    this.#nodes = nodes;
    this.#downtime = downtime;
  }

  add(node: ClusterNode): void {
    this.#absent.add(node);
    this.#downtime.noteLoss();
    if (this.#absent.size === this.#nodes.length) this.#end = this.#downtime.begin();
  }

  remove(node: ClusterNode): void {
    this.#absent.delete(node);
    this.#end();
    this.#end = () => {};
  }
}
