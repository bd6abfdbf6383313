/**
 * The cost of recording: CPU time and memory per stream, the time until a publisher is accepted and until a playlist
 * exists, and whether every fragment is complete in time and decodes. The servers are measured one after the other for
 * every number of publishers, under the load of one generator (scripts/load) whose own cost is in the last column. A row is
 * the median of the rounds. With `--write` the table goes into docs/performance.md.
 *
 * With `--against` another build of the emulator is measured too. Below the table is the CPU time of the first server as a
 * ratio to that of each other one, round by round. SRS and MediaMTX are in no package registry: they take part where the
 * paths of their programs are given.
 *
 * With `--capacity` it searches, for each server, the most pushes that it carries whole: no fragment late by a second, nothing
 * dropped, refused or lost, and 99 of 100 requests to its REST side answered within 200 ms.
 *
 *     npm run bench:ingest -- [--publishers 1,10,60,200,400] [--seconds 30] [--warm-up 8] [--only mpeg-ts,nginx] [--rounds 3]
 *         [--srs /path/to/srs] [--mediamtx /path/to/mediamtx] [--against /path/to/other/dist] [--write]
 *     npm run bench:ingest -- --capacity [--from 50] [--most 1600] [--rounds 3] [--seconds 15] ...
 */
import { searchCapacity } from './bench/capacity-search.ts';
import { median } from './bench/figures.ts';
import { givenBuild, givenProgram } from './bench/given.ts';
import { limitsOf, loadCpu, slowestPercentMs } from './bench/ingest-limits.ts';
import { type IngestResult, type IngestTimes, runIngest } from './bench/ingest-run.ts';
import type { IngestServer } from './bench/ingest-server.ts';
import { ingestServers, otherBuild } from './bench/ingest-servers.ts';
import { type Column, figure, NotWritten, publish, type Row, runBenchmark, table } from './bench/report.ts';
import { count, counts, flag, names, positive, readCommandLine } from './support/command-line.ts';

const COLUMNS: readonly Column<IngestResult>[] = [
  figure({ title: 'CPU ms per stream-second', of: ({ cpuMs }) => cpuMs, format: twoDigits, isCpu: true }),
  { title: 'Memory per stream', cell: (rounds) => mebibytes(middle(rounds, ({ bytesPerStream }) => bytesPerStream)) },
  { title: 'Idle memory', cell: (rounds) => mebibytes(middle(rounds, ({ idleBytes }) => idleBytes)) },
  {
    title: 'Accepted after (median, worst)',
    cell: (rounds) =>
      `${middle(rounds, ({ acceptMedianMs }) => acceptMedianMs).toFixed(1)}, ${worst(rounds, ({ acceptWorstMs }) => acceptWorstMs).toFixed(0)} ms`,
  },
  {
    title: 'First playlist after',
    cell: (rounds) => seconds(middle(rounds, ({ firstPlaylistMs }) => firstPlaylistMs)),
  },
  { title: 'Latest fragment', cell: (rounds) => `+${seconds(worst(rounds, ({ verdict }) => verdict.worstLateMs))}` },
  { title: 'Last ones', cell: (rounds) => `+${seconds(worst(rounds, ({ verdict }) => verdict.endLateMs))}` },
  { title: 'Dropped', cell: (rounds) => mebibytes(worst(rounds, ({ load }) => load.droppedBytes)) },
  { title: 'Pushes lost', cell: (rounds) => String(worst(rounds, ({ load }) => load.lost + load.refused.length)) },
  {
    title: 'Fragments verified',
    cell: (rounds) =>
      `${sum(rounds, ({ verdict }) => verdict.good)} of ${sum(rounds, ({ verdict }) => verdict.checked)}`,
  },
  { title: 'CPU ms of the load', cell: (rounds) => twoDigits(middle(rounds, loadCpuMs)) },
];

/** One search. */
interface Capacity {
  readonly pushes: number;
  /** The run with the most pushes that were carried. */
  readonly carried: IngestResult | undefined;
  readonly limits: readonly string[];
}

const CAPACITY_COLUMNS: readonly Column<Capacity>[] = [
  figure({ title: 'Pushes', of: ({ pushes }) => pushes, format: (pushes) => pushes.toFixed(0) }),
  { title: 'Limited by', cell: (rounds) => [...new Set(rounds.flatMap(({ limits }) => limits))].join('; ') },
  carriedColumn('CPU of the server', (result) => cores((result.cpuMs * result.publishers) / 1000)),
  carriedColumn('The load: CPU, late by', loadOf),
  carriedColumn('Latest fragment', ({ verdict }) => `+${seconds(verdict.worstLateMs)}`),
  carriedColumn('REST p99', (result) => {
    const requestMs = slowestPercentMs(result);
    return requestMs === undefined ? '-' : `${requestMs.toFixed(0)} ms`;
  }),
];

function carriedColumn(title: string, cellOf: (result: IngestResult) => string): Column<Capacity> {
  return { title, cell: (rounds) => rounds.map(({ carried }) => (carried ? cellOf(carried) : '-')).join('; ') };
}

interface Plan {
  readonly servers: readonly IngestServer[];
  readonly publisherCounts: readonly number[];
  readonly times: IngestTimes;
  readonly rounds: number;
}

async function compare({ servers, publisherCounts, times, rounds }: Plan): Promise<readonly Row<IngestResult>[]> {
  const rows: Row<IngestResult>[] = [];
  for (const publishers of publisherCounts) {
    const able = servers
      .filter(({ maxPublishers = Infinity }) => publishers <= maxPublishers)
      .map((server) => ({ server, results: [] as IngestResult[] }));
    for (let round = 0; round < rounds; round++) {
      // Who comes first alternates: the first of a round is measured on a machine that just rested.
      for (const { server, results } of round % 2 === 0 ? able : able.toReversed()) {
        const result = await runIngest(server, publishers, times);
        results.push(result);
        console.log([server.name, publishers, ...COLUMNS.map(({ cell }) => cell([result]))].join('  '));
        for (const fault of [...result.verdict.faults, ...new Set(result.load.refused)]) console.log(`  ${fault}`);
      }
    }
    rows.push(...able.map(({ server, results }) => ({ labels: [server.name, String(publishers)], rounds: results })));
  }
  return rows;
}

/** A line for each number of publishers and each server after the first. */
function cpuRatios(rows: readonly Row<IngestResult>[]): readonly string[] {
  const [first = ''] = rows[0]?.labels ?? [];
  return rows.flatMap(({ labels: [server = '', publishers = ''], rounds }) => {
    const own = rows.find(({ labels }) => labels[0] === first && labels[1] === publishers);
    if (server === first || !own) return [];
    const ratios = own.rounds.map(({ cpuMs }, round) => cpuMs / (rounds[round]?.cpuMs ?? Number.NaN));
    const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
    return [
      `${publishers} publishers: CPU of ${first} to ${server}: median ${median(ratios).toFixed(3)} of ${sorted.join(', ')}`,
    ];
  });
}

interface CapacityPlan extends Omit<Plan, 'publisherCounts'> {
  readonly from: number;
  readonly most: number;
}

async function searchCapacities({
  servers,
  times,
  rounds,
  from,
  most,
}: CapacityPlan): Promise<readonly Row<Capacity>[]> {
  const rows = servers.map((server) => ({ server, labels: [server.name], rounds: [] as Capacity[] }));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) row.rounds.push(await capacityOf(row.server, times, { from, most }));
  }
  return rows;
}

async function capacityOf(
  server: IngestServer,
  times: IngestTimes,
  { from, most }: Pick<CapacityPlan, 'from' | 'most'>,
): Promise<Capacity> {
  const range = { from, most: Math.min(most, server.maxPublishers ?? most) };
  const attempt = async (pushes: number) => {
    const result = await runIngest(server, pushes, { ...times, sendsRequests: true });
    const verdict = limitsOf(result).join('; ') || 'carried';
    console.log(`${server.name}, ${pushes} pushes: ${verdict} (the load: ${loadOf(result)})`);
    return result;
  };
  const { carried, exceeded } = await searchCapacity(range, attempt, (result) => limitsOf(result).length === 0);
  return {
    pushes: carried?.pushes ?? 0,
    carried: carried?.outcome,
    limits: exceeded ? limitsOf(exceeded.outcome) : ['nothing: more were not tried'],
  };
}

const SERVER_NAMES = ingestServers({}).map(({ name }) => name);

const { values, command } = readCommandLine(import.meta.url, {
  publishers: counts([1, 10, 60, 200, 400]),
  seconds: positive(undefined),
  'warm-up': positive(8),
  only: names(SERVER_NAMES, 'part'),
  rounds: count(3),
  srs: givenProgram(),
  mediamtx: givenProgram(),
  against: givenBuild(),
  capacity: flag('Search the most pushes that each server carries'),
  from: count(50),
  most: count(1600),
  write: flag('Write the table into docs/performance.md'),
});

/** Those that can be measured here, and why others cannot. */
function chosenServers(): { readonly servers: readonly IngestServer[]; readonly without: readonly string[] } {
  const wanted = ingestServers(values).filter(({ name }) => values.only.includes(name));
  const without = wanted.flatMap((server) => {
    const missing = server.missing();
    return missing === undefined ? [] : [`without ${server.name}: ${missing}`];
  });
  const able = wanted.filter((server) => server.missing() === undefined);
  return { servers: values.against === undefined ? able : [...able, otherBuild(values.against)], without };
}

async function main(): Promise<void> {
  const { servers, without } = chosenServers();
  const section = values.capacity ? 'bench:capacity' : 'bench:ingest';
  for (const line of without) console.log(line);
  if (servers.length === 0) throw new NotWritten(section, ['no server can be measured here', ...without]);
  const versions = servers.flatMap((server) => server.versions());
  const { publishers: publisherCounts, rounds, from, most, capacity } = values;
  const limited = capacity ? [] : servers.flatMap((server) => limitOf(server, publisherCounts));
  const times = { warmUpSec: values['warm-up'], seconds: values.seconds ?? (capacity ? 15 : 30) };
  if (capacity) {
    const rows = await searchCapacities({ servers, times, rounds, from, most });
    const tables = [table(['Server'], CAPACITY_COLUMNS, rows)];
    const remarks = paragraphs(without);
    publish({ section, command, rounds, versions, tables, remarks }, values.write);
    return;
  }
  const rows = await compare({ servers, publisherCounts, times, rounds });
  const tables = [table(['Server', 'Publishers'], COLUMNS, rows)];
  const remarks = paragraphs(without, limited, cpuRatios(rows));
  publish({ section, command, rounds, versions, tables, remarks }, values.write);
}

/** Says which rows a server does not have. */
function limitOf({ name, maxPublishers = Infinity }: IngestServer, counts: readonly number[]): readonly string[] {
  if (counts.every((publishers) => publishers <= maxPublishers)) return [];
  return [`${name}: not with more than ${maxPublishers} publishers, because it has a process for each`];
}

/** Each of the lines of its own. */
function paragraphs(...texts: readonly (readonly string[])[]): readonly string[] {
  return texts.filter((lines) => lines.length > 0).map((lines) => lines.join('  \n'));
}

function loadOf(result: IngestResult): string {
  return `${cores(loadCpu(result))}, ${result.load.ownLateMs.toFixed(0)} ms`;
}

function loadCpuMs({ load }: IngestResult): number {
  return load.ownCpuMs / (load.publishers * load.seconds);
}

function middle(rounds: readonly IngestResult[], of: (result: IngestResult) => number): number {
  return median(rounds.map(of));
}

function worst(rounds: readonly IngestResult[], of: (result: IngestResult) => number): number {
  return Math.max(...rounds.map(of));
}

function sum(rounds: readonly IngestResult[], of: (result: IngestResult) => number): number {
  return rounds.reduce((total, result) => total + of(result), 0);
}

function twoDigits(value: number): string {
  return value.toFixed(2);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 2 : 0)} MiB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function cores(share: number): string {
  return `${(share * 100).toFixed(0)} % of a core`;
}

await runBenchmark(main, values);
