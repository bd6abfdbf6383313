/**
 * What recording costs: CPU time and memory per stream, how soon a publisher is accepted and a playlist is there, and
 * whether every fragment came in time and decodes. Servers take turns at every number of publishers, under the load of one
 * generator (scripts/load) whose own cost is in the last column. With `--write` the table goes into docs/performance.md.
 *
 *     npm run bench:ingest -- [--publishers 1,10,60,200,400] [--seconds 30] [--only mpeg-ts,nginx] [--write]
 */
import { parseArgs } from 'node:util';
import { type IngestResult, runIngest } from './bench/ingest-run.ts';
import { INGEST_SERVERS } from './bench/ingest-servers.ts';
import { markdownTable, measuredOn, updatePage } from './bench/page.ts';

const HEADER = [
  'Server',
  'Publishers',
  'CPU ms per stream-second',
  'Memory per stream',
  'Idle memory',
  'Accepted after (median, worst)',
  'First playlist after',
  'Latest fragment',
  'Dropped',
  'Fragments verified',
  'CPU ms of the load',
];

function toRow(result: IngestResult): readonly string[] {
  const { load, verdict } = result;
  const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 2 : 0);
  return [
    result.server,
    String(result.publishers),
    result.cpuMs.toFixed(2),
    `${megabytes(result.bytesPerStream)} MiB`,
    `${megabytes(result.idleBytes)} MiB`,
    `${result.acceptMedianMs.toFixed(1)}, ${result.acceptWorstMs.toFixed(0)} ms`,
    `${(result.firstPlaylistMs / 1000).toFixed(2)} s`,
    `+${(verdict.worstLateMs / 1000).toFixed(2)} s`,
    `${megabytes(load.droppedBytes)} MiB`,
    `${verdict.good} of ${verdict.checked}`,
    (load.ownCpuMs / (load.publishers * load.seconds)).toFixed(2),
  ];
}

async function compare(publisherCounts: readonly number[], seconds: number, only: readonly string[]): Promise<string> {
  const wanted = INGEST_SERVERS.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  for (const server of wanted) {
    const missing = server.missing();
    if (missing !== undefined) console.log(`without ${server.name}: ${missing}`);
  }
  const able = wanted.filter((server) => server.missing() === undefined);
  const rows: (readonly string[])[] = [];
  for (const publishers of publisherCounts) {
    for (const server of able.filter(({ maxPublishers = Infinity }) => publishers <= maxPublishers)) {
      const result = await runIngest(server, publishers, seconds);
      rows.push(toRow(result));
      console.log(rows.at(-1)?.join('  '));
      for (const fault of [...result.verdict.faults, ...new Set(result.load.refused)]) console.log(`  ${fault}`);
    }
  }
  return markdownTable(HEADER, rows);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      publishers: { type: 'string', default: '1,10,60,200,400' },
      seconds: { type: 'string', default: '30' },
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',').filter((part) => part !== '');
  const table = await compare(values.publishers.split(',').map(Number), Number(values.seconds), only);
  console.log(`\n${table}`);
  if (!values.write) return;
  const command = `npm run bench:ingest -- --publishers ${values.publishers} --seconds ${values.seconds}`;
  updatePage('bench:ingest', `${measuredOn(command)}\n\n${table}`);
}

await main();
