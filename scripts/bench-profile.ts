/**
 * Where the CPU time of ingest goes: that of this emulator alone, under the load of `bench:ingest`, in parts. A part is what its
 * source files take, with the functions of Node and the system calls that they call. In each run the CPU time is measured
 * first, without a profiler; then V8's CPU profiler says how the time of the main thread is divided. A figure is the median of
 * the rounds. With `--write` the tables go into docs/performance.md.
 *
 *     npm run bench:profile -- [--publishers 10,60] [--seconds 30] [--warm-up 8] [--rounds 3] [--write]
 */
import { median } from './bench/figures.ts';
import { PART_NAMES } from './bench/ingest-parts.ts';
import { type IngestCpu, profileIngest } from './bench/ingest-profile.ts';
import { type Column, figure, publish, runBenchmark, table } from './bench/report.ts';
import { count, counts, flag, positive, readCommandLine } from './support/command-line.ts';

/** What was measured in it, by the number of publishers. */
type Round = ReadonlyMap<number, IngestCpu>;

interface PartCpu {
  /** Per second of a stream. */
  readonly ms: number;
  readonly share: number;
}

const CPU_COLUMNS: readonly Column<IngestCpu>[] = [
  figure({ title: 'CPU ms per stream-second', of: allMs, format: twoDigits, isCpu: true }),
  figure({ title: 'user', of: ({ userMs }) => userMs, format: twoDigits }),
  figure({ title: 'system', of: ({ systemMs }) => systemMs, format: twoDigits }),
  figure({ title: 'main thread', of: ({ mainThreadMs }) => mainThreadMs, format: twoDigits }),
];

/** Two for each number of publishers: the time of a part, and its share of all. */
function partColumns(publisherCounts: readonly number[]): readonly Column<(publishers: number) => PartCpu>[] {
  return publisherCounts.flatMap((publishers) => [
    figure({ title: `${publishers} publishers: CPU ms`, of: (partOf) => partOf(publishers).ms, format: threeDigits }),
    {
      title: 'share',
      cell: (rounds) => `${(100 * median(rounds.map((partOf) => partOf(publishers).share))).toFixed(0)} %`,
    },
  ]);
}

const { values, command } = readCommandLine(import.meta.url, {
  publishers: counts([10, 60]),
  seconds: positive(30),
  'warm-up': positive(8),
  rounds: count(3),
  write: flag('Write the tables into docs/performance.md'),
});

async function main(): Promise<void> {
  const { publishers, seconds, rounds: wanted } = values;
  const rounds: Round[] = [];
  for (let round = 0; round < wanted; round++) {
    const measured = new Map<number, IngestCpu>();
    // Which comes first alternates: the first of a round is measured on a machine that just rested.
    for (const each of round % 2 === 0 ? publishers : publishers.toReversed()) {
      const cpu = await profileIngest(each, { warmUpSec: values['warm-up'], seconds });
      measured.set(each, cpu);
      console.log(`${each} publishers: ${CPU_COLUMNS.map(({ title, cell }) => `${title} ${cell([cpu])}`).join(', ')}`);
    }
    rounds.push(measured);
  }
  const all = publishers.map((each) => ({
    labels: [String(each)],
    rounds: rounds.flatMap((round) => round.get(each) ?? []),
  }));
  const parts = PART_NAMES.map((name) => ({ labels: [name], rounds: rounds.map((round) => partIn(round, name)) }));
  const tables = [table(['Publishers'], CPU_COLUMNS, all), table(['Part'], partColumns(publishers), parts)];
  publish({ section: 'bench:profile', command, rounds: wanted, tables }, values.write);
}

function partIn(round: Round, name: string): (publishers: number) => PartCpu {
  return (publishers) => {
    const cpu = round.get(publishers);
    const ms = cpu?.partsMs.get(name) ?? 0;
    return { ms, share: cpu ? ms / allMs(cpu) : 0 };
  };
}

function allMs({ userMs, systemMs }: IngestCpu): number {
  return userMs + systemMs;
}

function threeDigits(value: number): string {
  return value.toFixed(3);
}

function twoDigits(value: number): string {
  return value.toFixed(2);
}

await runBenchmark(main, values);
