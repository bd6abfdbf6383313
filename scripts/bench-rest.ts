/**
 * The cost of the REST side, compared with the emulators of other services in Node: requests per second, their slowest
 * percent, and requests per second of the server's CPU time, which can be compared on a shared machine too. The servers
 * are measured one after the other in each round; the result is the median of the rounds. With `--write` the table is
 * written into docs/performance.md. With `--against` another build of the emulator is measured too, and below the table
 * is the CPU time of a request to this build as a ratio to that of a request to the other one, round by round.
 *
 *     npm run bench:rest -- [--rounds 5] [--seconds 2] [--warm-up 2] [--connections 10] [--without-peers]
 *         [--against /path/to/other/dist] [--write]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './bench/figures.ts';
import { givenBuild } from './bench/given.ts';
import { type LoadOptions, measure, type Sample } from './bench/http-load.ts';
import { type Column, figure, packageVersion, publish, runBenchmark, table } from './bench/report.ts';
import {
  azuriteTarget,
  emulatorTarget,
  installPeers,
  OPERATIONS,
  type OperationName,
  s3rverForkTarget,
  s3rverTarget,
  type Target,
} from './bench/rest-targets.ts';
import type { BenchServer } from './bench/server.ts';
import { count, flag, positive, readCommandLine } from './support/command-line.ts';

const COLUMNS: readonly Column<Sample>[] = [
  figure({ title: 'Requests/s', of: ({ requestsPerSec }) => requestsPerSec, format: whole }),
  figure({ title: 'p99', of: ({ p99Ms }) => p99Ms, format: (ms) => `${ms.toFixed(1)} ms` }),
  figure({
    title: 'Requests per CPU second',
    of: ({ requestsPerCpuSec }) => requestsPerCpuSec,
    format: whole,
    isCpu: true,
  }),
];

interface Plan extends LoadOptions {
  readonly rounds: number;
  /** Long enough for V8 to compile the code of an operation. */
  readonly warmUpSec: number;
}

interface Subject {
  readonly target: Target;
  readonly server: BenchServer;
}

interface Result {
  readonly operation: OperationName;
  readonly target: string;
  readonly samples: Sample[];
}

async function compare(subjects: readonly Subject[], { rounds, warmUpSec, ...load }: Plan): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const operation of OPERATIONS) {
    const able = subjects
      .map(({ target, server }) => ({ server, requests: target.requests(operation, server), name: target.name }))
      .filter(({ requests }) => requests.length > 0);
    const ofOperation = able.map((subject) => ({ subject, samples: [] as Sample[] }));
    for (const { server, requests } of able) await measure(server, requests, { ...load, seconds: warmUpSec });
    for (let round = 0; round < rounds; round++) {
      for (const { subject, samples } of ofOperation) {
        samples.push(await measure(subject.server, subject.requests, load));
      }
    }
    results.push(...ofOperation.map(({ subject, samples }) => ({ operation, target: subject.name, samples })));
  }
  return results;
}

/** A line for each operation that both builds were measured with. */
function cpuRatios(results: readonly Result[], ours: Target, other: Target): readonly string[] {
  return OPERATIONS.map((operation) => {
    const perCpuSecOf = ({ name }: Target) => {
      const ofTarget = results.find((result) => result.operation === operation && result.target === name);
      return (ofTarget?.samples ?? []).map(({ requestsPerCpuSec }) => requestsPerCpuSec);
    };
    const others = perCpuSecOf(other);
    const ratios = perCpuSecOf(ours).map((perCpuSec, round) => (others[round] ?? Number.NaN) / perCpuSec);
    const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
    return `${operation}: CPU of ${ours.name} to ${other.name}: median ${median(ratios).toFixed(3)} of ${sorted.join(', ')}`;
  });
}

const { values, command } = readCommandLine(import.meta.url, {
  rounds: count(5),
  seconds: positive(2),
  'warm-up': positive(2),
  connections: count(10),
  'without-peers': flag('Measure this emulator alone'),
  against: givenBuild(),
  write: flag('Write the table into docs/performance.md'),
});

async function main(): Promise<void> {
  const ours = emulatorTarget();
  const other = values.against === undefined ? undefined : emulatorTarget(values.against);
  const targets = [ours];
  if (other) targets.push(other);
  if (!values['without-peers']) {
    await installPeers();
    targets.push(s3rverTarget(), s3rverForkTarget(), azuriteTarget());
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-rest-'));
  const subjects: Subject[] = [];
  try {
    for (const [index, target] of targets.entries()) {
      subjects.push({ target, server: await target.start(join(folder, String(index))) });
    }
    const { rounds, connections, seconds } = values;
    const results = await compare(subjects, { rounds, warmUpSec: values['warm-up'], connections, seconds });
    const rows = results.map(({ operation, target, samples }) => ({ labels: [operation, target], rounds: samples }));
    const tables = [table(['Operation', 'Server'], COLUMNS, rows)];
    const remarks = other ? [cpuRatios(results, ours, other).join('  \n')] : [];
    const versions = [packageVersion('autocannon')];
    publish({ section: 'bench:rest', command, rounds, versions, tables, remarks }, values.write);
  } finally {
    for (const { server } of subjects) await server.stop();
    await rm(folder, { recursive: true });
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

await runBenchmark(main, values);
