/** Rounds of load, faults and audit, over one cluster. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from '../crash/ledger.ts';
import type { Random } from '../crash/random.ts';
import { clusterViolations, gapViolations } from './audit/audit.ts';
import { Downtime } from './downtime.ts';
import { chooseFaults, runFaults } from './faults.ts';
import { PUSHABLE_WITHIN_MS } from './lease.ts';
import { prepareLoad, startLoad } from './load/load.ts';
import type { Pushes } from './load/pushes.ts';
import { type Site, type SiteOptions, startSite } from './site.ts';

export interface CampaignOptions extends SiteOptions {
  readonly rounds: number;
  readonly pushes: number;
  readonly random: Random;
}

export interface Round {
  readonly number: number;
  readonly faults: readonly string[];
  readonly violations: readonly string[];
  /** How often a publisher connected again. */
  readonly reconnects: number;
  /** The longest of their waits, as they are judged, and from the loss of the connection, whatever happened meanwhile. */
  readonly longestGapMs: number;
  readonly longestWaitMs: number;
  readonly fragments: number;
  /** A folder with what the nodes said; undefined without a violation. */
  readonly logs: string | undefined;
}

/** Before the first fault, and after the last one, there is so much of a quiet time. */
const QUIET_MS = 4_000;

export async function* campaign(options: CampaignOptions): AsyncGenerator<Round> {
  const { rounds, pushes, random } = options;
  const site = await startSite(options);
  try {
    const ledger = new Ledger();
    await prepareLoad(site.proxy.port, ledger, pushes);
    for (let number = 1; number <= rounds; number++) yield await oneRound(site, ledger, random, number);
  } finally {
    await site.stop();
  }
}

async function oneRound(site: Site, ledger: Ledger, random: Random, number: number): Promise<Round> {
  const downtime = new Downtime();
  const faults = chooseFaults(site, random, downtime);
  const sinceSec = Math.ceil(Date.now() / 1000);
  const load = startLoad(site.proxy.port, ledger, random);
  const unreached = [...(await allPushing(load.pushes))];
  const first = load.pushes.gaps.splice(0);
  await delay(QUIET_MS);
  const failures = await runFaults(faults).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  unreached.push(...(await allPushing(load.pushes)));
  await delay(QUIET_MS);
  const { gaps } = load.pushes;
  const seen = await load.stop();
  const violations = [
    ...failures,
    ...unreached,
    ...gapViolations([...first, ...gaps], downtime),
    ...seen,
    ...(await clusterViolations(site, ledger, sinceSec)),
  ];
  const [counted] = await site.database.execute('select count(*) as fragments from fragments', site.databaseName);
  return {
    number,
    faults: faults.map(({ what, afterMs }) => `${afterMs} ms: ${what}`),
    violations,
    reconnects: gaps.length,
    longestGapMs: longest(gaps.map((gap) => downtime.waitedMs(gap))),
    longestWaitMs: longest(gaps.map(({ lostMs, backMs }) => backMs - lostMs)),
    fragments: Number(counted?.fragments),
    logs: violations.length > 0 ? await keepLogs(site) : undefined,
  };
}

async function keepLogs({ nodes }: Site): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-logs-'));
  for (const node of nodes) await writeFile(join(folder, `${node.name}.log`), node.output());
  return folder;
}

function longest(timesMs: readonly number[]): number {
  return Math.round(Math.max(0, ...timesMs));
}

/** Resolves when every channel has its publisher, or to those that have none in time. */
async function allPushing(pushes: Pushes): Promise<readonly string[]> {
  const deadlineMs = performance.now() + 2 * PUSHABLE_WITHIN_MS;
  while (pushes.missing().length > 0) {
    if (performance.now() > deadlineMs) return pushes.missing().map((channel) => `${channel} cannot be pushed to`);
    await delay(50);
  }
  return [];
}
