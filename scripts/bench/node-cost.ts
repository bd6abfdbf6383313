/** What pushes cost the nodes of a cluster, and what is shared behind them. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Site, startSite } from '../cluster/site.ts';
import { Client } from '../crash/client.ts';
import { startLoadProcess } from './load-process.ts';
import { treeCpuMs } from './process-tree.ts';
import { EMULATOR } from './server.ts';

const BUCKET = 'examplebucket';
/** The last moment of the load is not counted. */
const LAST_SEC = 1;

export interface NodeCost {
  readonly nodes: number;
  readonly pushes: number;
  /** CPU per second of one stream, by who has used it. */
  readonly cpuMs: Readonly<Record<'nodes' | 'database' | 'store' | 'proxy', number>>;
  readonly transactionsPerFragment: number;
  readonly refused: number;
}

interface Counters {
  readonly atMs: number;
  readonly cpuMs: NodeCost['cpuMs'];
  readonly transactions: number;
  readonly fragments: number;
}

export interface NodeTimes {
  /** Until the first fragment is over and the code is compiled, after all have connected. */
  readonly warmUpSec: number;
  readonly seconds: number;
}

/** Each node is on a core of its own, as far as there are cores. */
export async function measureNodes(
  nodes: number,
  pushesPerNode: number,
  { warmUpSec, seconds }: NodeTimes,
): Promise<NodeCost> {
  const site = await startSite({ nodes, hasNetworks: false, program: EMULATOR });
  try {
    for (const [at, { pid }] of site.nodes.entries()) pin(pid, at % cpus().length);
    const pushes = nodes * pushesPerNode;
    await prepare(site, pushes);
    const url = `rtmp://127.0.0.1:${site.proxy.port}/${BUCKET}/live/c-{n}`;
    const load = startLoadProcess(url, pushes, warmUpSec + seconds + LAST_SEC);
    await load.connected;
    await delay(warmUpSec * 1000);
    const before = await countersOf(site);
    await delay(seconds * 1000);
    const after = await countersOf(site);
    const { refused } = await load.report;
    const streamSec = (pushes * (after.atMs - before.atMs)) / 1000;
    const perStreamSec = (who: keyof NodeCost['cpuMs']) => (after.cpuMs[who] - before.cpuMs[who]) / streamSec;
    return {
      nodes,
      pushes,
      cpuMs: {
        nodes: perStreamSec('nodes'),
        database: perStreamSec('database'),
        store: perStreamSec('store'),
        proxy: perStreamSec('proxy'),
      },
      transactionsPerFragment: (after.transactions - before.transactions) / (after.fragments - before.fragments),
      refused: refused.length,
    };
  } finally {
    await site.stop();
  }
}

/** All threads of it. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/** Everybody may push, so that one address is that of all pushes. */
async function prepare({ proxy }: Site, channels: number): Promise<void> {
  const client = new Client(proxy.port);
  await client.oss('PUT', `/${BUCKET}`, { query: { acl: '' }, headers: { 'x-oss-acl': 'public-read-write' } });
  for (let n = 0; n < channels; n++) await client.putChannel(BUCKET, `c-${n}`, 5);
  client.close();
}

async function countersOf({ nodes, database, databaseName, store, proxy }: Site): Promise<Counters> {
  // The first line of the file is the process that has all others.
  const query = `select pg_read_file('postmaster.pid') as pid, (select count(*) from fragments) as fragments,
    (select xact_commit from pg_stat_database where datname = '${databaseName}') as transactions`;
  const [row] = await database.execute(query, databaseName);
  return {
    atMs: performance.now(),
    cpuMs: {
      nodes: nodes.reduce((sum, { pid }) => sum + treeCpuMs(pid), 0),
      database: treeCpuMs(Number.parseInt(String(row?.pid), 10)),
      store: treeCpuMs(store.pid),
      proxy: treeCpuMs(proxy.pid),
    },
    transactions: Number(row?.transactions),
    fragments: Number(row?.fragments),
  };
}
