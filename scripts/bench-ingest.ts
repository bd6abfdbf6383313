/**
 * The cost of recording: CPU time and memory per stream, the time until a publisher is accepted and until a playlist
 * exists, and whether every fragment is complete in time and decodes. The servers are measured one after the other for
 * every number of publishers, under the load of one generator (scripts/load) whose own cost is in the last column. With
 * `--write` the table goes into docs/performance.md.
 *
 * With `--against` another build of the emulator is measured too. `--rounds` is the number of times that every server
 * is measured; the table then has a row for every round, and below it the CPU time of the first server as a ratio to
 * that of each other one, round by round.
 *
 *     npm run bench:ingest -- [--publishers 1,10,60,200,400] [--seconds 30] [--only mpeg-ts,nginx] [--rounds 1]
 *         [--against /path/to/other/dist] [--write]
 */
import { parseArgs } from 'node:util';
import { median } from './bench/http-load.ts';
import { type IngestResult, runIngest } from './bench/ingest-run.ts';
import { INGEST_SERVERS, type IngestServer, otherBuild } from './bench/ingest-servers.ts';
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

interface Plan {
  readonly servers: readonly IngestServer[];
  readonly publisherCounts: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
}

async function compare({ servers, publisherCounts, seconds, rounds }: Plan): Promise<readonly IngestResult[]> {
  const results: IngestResult[] = [];
  for (const publishers of publisherCounts) {
    const able = servers.filter(({ maxPublishers = Infinity }) => publishers <= maxPublishers);
    for (let round = 0; round < rounds; round++) {
      // Who comes first alternates: the first of a round is measured on a machine that just rested.
      for (const server of round % 2 === 0 ? able : able.toReversed()) {
        const result = await runIngest(server, publishers, seconds);
        results.push(result);
        console.log(toRow(result).join('  '));
        for (const fault of [...result.verdict.faults, ...new Set(result.load.refused)]) console.log(`  ${fault}`);
      }
    }
  }
  return results;
}

/** A line for each number of publishers and each server after the first. */
function cpuRatios(results: readonly IngestResult[]): readonly string[] {
  const [first] = results;
  const cpuOf = (server: string, publishers: number) =>
    results.filter((result) => result.server === server && result.publishers === publishers).map(({ cpuMs }) => cpuMs);
  const pairs = new Map(results.map(({ server, publishers }) => [`${server} ${publishers}`, { server, publishers }]));
  return [...pairs.values()]
    .filter(({ server }) => server !== first?.server)
    .map(({ server, publishers }) => {
      const others = cpuOf(server, publishers);
      const ratios = cpuOf(first?.server ?? '', publishers).map(
        (cpuMs, round) => cpuMs / (others[round] ?? Number.NaN),
      );
      const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
      const middle = median(ratios).toFixed(3);
      return `${publishers} publishers: CPU of ${first?.server} to ${server}: median ${middle} of ${sorted.join(', ')}`;
    });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      publishers: { type: 'string', default: '1,10,60,200,400' },
      seconds: { type: 'string', default: '30' },
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '1' },
      against: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',').filter((part) => part !== '');
  const wanted = INGEST_SERVERS.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  for (const server of wanted) {
    const missing = server.missing();
    if (missing !== undefined) console.log(`without ${server.name}: ${missing}`);
  }
  const able = wanted.filter((server) => server.missing() === undefined);
  const results = await compare({
    servers: values.against === undefined ? able : [...able, otherBuild(values.against)],
    publisherCounts: values.publishers.split(',').map(Number),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  });
  const table = markdownTable(HEADER, results.map(toRow));
  console.log(`\n${table}`);
  if (values.rounds !== '1' || values.against !== undefined) console.log(cpuRatios(results).join('\n'));
  if (!values.write) return;
  const command = `npm run bench:ingest -- --publishers ${values.publishers} --seconds ${values.seconds}`;
  updatePage('bench:ingest', `${measuredOn(command)}\n\n${table}`);
}

await main();
