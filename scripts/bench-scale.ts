/**
 * Is it as fast with much stored data? Two emulators, one with 1,000 channels, the day of one camera and a bucket of 1,000
 * versions, the other with 100,000 channels, a million fragments and a bucket of a million versions, answer the same requests
 * in turn; the CPU time of the server per request is compared. After that, a lifecycle pass deletes a million objects while
 * requests go on. With `--write` the tables are written into docs/performance.md.
 *
 *     npm run bench:scale -- [--rounds 5] [--lifecycle-only] [--write]
 *
 * The sizes are options too: --channels, --fragments and --versions of the large one, --expired objects, --quiet seconds
 * without a pass, and --share of the usual number of requests in a sample.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './bench/figures.ts';
import { lifecyclePassTable } from './bench/lifecycle-pass.ts';
import { type Column, figure, publish, runBenchmark, type Table, table } from './bench/report.ts';
import { type Contents, FRAGMENTS_PER_DAY, fillDataFolder } from './bench/scale-contents.ts';
import { cpuMsPerRequest, SCALE_OPERATIONS, type ScaleOperation } from './bench/scale-operations.ts';
import { type BenchServer, startEmulator } from './bench/server.ts';
import { count, flag, positive, readCommandLine } from './support/command-line.ts';

const SMALL: Contents = { channels: 1_000, fragments: FRAGMENTS_PER_DAY, versions: 1_000 };

/** CPU time per request. */
interface Round {
  readonly smallMs: number;
  readonly largeMs: number;
}

interface Comparison {
  readonly operation: ScaleOperation;
  readonly rounds: Round[];
}

async function compare(
  small: BenchServer,
  large: BenchServer,
  { rounds, share }: Pick<Plan, 'rounds' | 'share'>,
): Promise<readonly Comparison[]> {
  const comparisons = SCALE_OPERATIONS.map((operation): Comparison => {
    return { operation: { ...operation, requests: Math.ceil(share * operation.requests) }, rounds: [] };
  });
  for (const { operation } of comparisons) {
    for (const server of [small, large]) await cpuMsPerRequest(server, operation);
  }
  for (let round = 0; round < rounds; round++) {
    for (const comparison of comparisons) {
      const smallMs = await cpuMsPerRequest(small, comparison.operation);
      comparison.rounds.push({ smallMs, largeMs: await cpuMsPerRequest(large, comparison.operation) });
    }
  }
  return comparisons;
}

function toTable(comparisons: readonly Comparison[], largeContents: Contents): Table {
  const describe = ({ channels, fragments, versions }: Contents) =>
    `${channels.toLocaleString('en-US')} channels, ${fragments.toLocaleString('en-US')} fragments, ${versions.toLocaleString('en-US')} versions`;
  const format = (ms: number) => `${ms.toFixed(2)} ms`;
  const columns: readonly Column<Round>[] = [
    figure({ title: describe(SMALL), of: ({ smallMs }) => smallMs, format, isCpu: true }),
    figure({ title: describe(largeContents), of: ({ largeMs }) => largeMs, format, isCpu: true }),
    {
      title: 'Ratio',
      cell: (rounds) =>
        (median(rounds.map(({ largeMs }) => largeMs)) / median(rounds.map(({ smallMs }) => smallMs))).toFixed(2),
    },
  ];
  const rows = comparisons.map(({ operation, rounds }) => ({ labels: [operation.name], rounds }));
  return table(['CPU time per request'], columns, rows);
}

interface Plan {
  readonly rounds: number;
  readonly large: Contents;
  /** Of the usual number of requests. */
  readonly share: number;
}

async function compareFolders({ rounds, large: largeContents, share }: Plan): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-scale-'));
  const servers: BenchServer[] = [];
  try {
    for (const [name, contents] of Object.entries({ small: SMALL, large: largeContents })) {
      const dataFolder = join(folder, name);
      await mkdir(dataFolder);
      await fillDataFolder(dataFolder, contents);
      servers.push(await startEmulator(dataFolder));
    }
    const [small, large] = servers;
    if (!small || !large) throw new RangeError('two servers are compared');
    return toTable(await compare(small, large, { rounds, share }), largeContents);
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true });
  }
}

const { values, command } = readCommandLine(import.meta.url, {
  rounds: count(5),
  'lifecycle-only': flag('Without the comparison'),
  channels: count(100_000),
  fragments: count(1_000_000),
  versions: count(1_000_000),
  expired: count(1_000_000),
  quiet: positive(10),
  share: positive(1),
  write: flag('Write the tables into docs/performance.md'),
});

async function main(): Promise<void> {
  if (!values['lifecycle-only']) {
    const { rounds, share, channels, fragments, versions } = values;
    const tables = [await compareFolders({ rounds, large: { channels, fragments, versions }, share })];
    publish({ section: 'bench:scale', command, rounds, tables }, values.write);
  }
  const tables = [await lifecyclePassTable(values.expired, values.quiet)];
  publish({ section: 'bench:lifecycle', command, rounds: 1, tables }, values.write);
}

await runBenchmark(main, values['lifecycle-only'] ? {} : values);
