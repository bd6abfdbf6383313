/**
 * How many pushes two nodes carry behind one proxy, compared with one node: by the CPU time that the nodes use for a second of a
 * stream, each on a core of its own. Database, store, proxy and load share the machine, so they are counted separately, and
 * nothing is saturated. With `--write` the table goes into docs/scale.md.
 *
 *     npm run bench:nodes -- [--pushes 30] [--seconds 20] [--rounds 3] [--write]
 */
import { parseArgs } from 'node:util';
import { median } from './bench/http-load.ts';
import { measureNodes, type NodeCost } from './bench/node-cost.ts';
import { markdownTable, measuredOn, updatePage } from './bench/page.ts';

const HEADER = [
  'Nodes',
  'Pushes',
  'CPU ms per stream-second: nodes',
  'PostgreSQL',
  'store',
  'haproxy',
  'Transactions per fragment',
];

function toRow({ nodes, pushes, cpuMs, transactionsPerFragment }: NodeCost): readonly string[] {
  const figures = [cpuMs.nodes, cpuMs.database, cpuMs.store, cpuMs.proxy, transactionsPerFragment];
  return [String(nodes), String(pushes), ...figures.map((figure) => figure.toFixed(2))];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pushes: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      write: { type: 'boolean', default: false },
    },
  });
  const [pushes, seconds, rounds] = [Number(values.pushes), Number(values.seconds), Number(values.rounds)];
  const costs: NodeCost[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who comes first alternates: the first of a round is measured on a machine that just rested.
    for (const nodes of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const cost = await measureNodes(nodes, pushes, seconds);
      costs.push(cost);
      console.log(toRow(cost).join('  '));
      if (cost.refused > 0) console.log(`  ${cost.refused} pushes were refused`);
    }
  }
  const costOf = (nodes: number) => costs.filter((cost) => cost.nodes === nodes).map(({ cpuMs }) => cpuMs.nodes);
  const ratios = costOf(1).map((one, round) => (2 * one) / (costOf(2)[round] ?? Number.NaN));
  const rows = costs.toSorted((a, b) => a.nodes - b.nodes).map(toRow);
  const all = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(2));
  const verdict = `Two nodes carry ${median(ratios).toFixed(2)} times the pushes of one (median of ${all.join(', ')}).`;
  console.log(`\n${markdownTable(HEADER, rows)}\n\n${verdict}`);
  if (!values.write) return;
  const command = `npm run bench:nodes -- --pushes ${pushes} --seconds ${seconds} --rounds ${rounds}`;
  updatePage('bench:nodes', `${measuredOn(command)}\n\n${markdownTable(HEADER, rows)}\n\n${verdict}`, 'scale.md');
}

await main();
