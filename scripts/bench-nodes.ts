/**
 * How many pushes two nodes carry behind one proxy, compared with one node: by the CPU time that the nodes use for a second of a
 * stream, each on a core of its own. Database, store, proxy and load share the machine, so they are counted separately, and
 * nothing is saturated. With `--write` the table goes into docs/scale.md.
 *
 *     npm run bench:nodes -- [--pushes 30] [--seconds 20] [--warm-up 8] [--rounds 3] [--write]
 */
import { median } from './bench/figures.ts';
import { measureNodes, type NodeCost } from './bench/node-cost.ts';
import { programVersion, storeVersions } from './bench/program-version.ts';
import { type Column, figure, publish, runBenchmark, table } from './bench/report.ts';
import { count, flag, positive, readCommandLine } from './support/command-line.ts';

const COLUMNS: readonly Column<NodeCost>[] = [
  cpuColumn('CPU ms per stream-second: nodes', 'nodes'),
  cpuColumn('PostgreSQL', 'database'),
  cpuColumn('store', 'store'),
  cpuColumn('haproxy', 'proxy'),
  figure({
    title: 'Transactions per fragment',
    of: ({ transactionsPerFragment }) => transactionsPerFragment,
    format: twoDigits,
  }),
];

function cpuColumn(title: string, who: keyof NodeCost['cpuMs']): Column<NodeCost> {
  return figure({ title, of: ({ cpuMs }) => cpuMs[who], format: twoDigits, isCpu: who === 'nodes' });
}

function twoDigits(value: number): string {
  return value.toFixed(2);
}

const { values, command } = readCommandLine(import.meta.url, {
  pushes: count(30),
  seconds: positive(20),
  'warm-up': positive(8),
  rounds: count(3),
  write: flag('Write the table into docs/scale.md'),
});

async function main(): Promise<void> {
  const { pushes, seconds, rounds } = values;
  const times = { warmUpSec: values['warm-up'], seconds };
  const costs: NodeCost[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who comes first alternates: the first of a round is measured on a machine that just rested.
    for (const nodes of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const cost = await measureNodes(nodes, pushes, times);
      costs.push(cost);
      console.log([nodes, cost.pushes, ...COLUMNS.map(({ cell }) => cell([cost]))].join('  '));
      if (cost.refused > 0) console.log(`  ${cost.refused} pushes were refused`);
    }
  }
  const costsOf = (nodes: number) => costs.filter((cost) => cost.nodes === nodes);
  const cpuOf = (nodes: number) => costsOf(nodes).map(({ cpuMs }) => cpuMs.nodes);
  const ratios = cpuOf(1).map((one, round) => (2 * one) / (cpuOf(2)[round] ?? Number.NaN));
  const all = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(2));
  const verdict = `Two nodes carry ${median(ratios).toFixed(2)} times the pushes of one (median of ${all.join(', ')}).`;
  const rows = [1, 2].map((nodes) => ({ labels: [String(nodes), String(nodes * pushes)], rounds: costsOf(nodes) }));
  const report = {
    section: 'bench:nodes',
    page: 'scale.md',
    command,
    rounds,
    versions: [...storeVersions(), programVersion('haproxy', 'haproxy', '-v')],
    tables: [table(['Nodes', 'Pushes'], COLUMNS, rows)],
    remarks: [verdict],
  };
  publish(report, values.write);
}

await runBenchmark(main, values);
