/** What the model of docs/scale.md is made from, each with where it is from. */
export interface Input {
  readonly value: number;
  readonly unit: string;
  readonly origin: string;
}

const BENCH_NODES = 'measured: `npm run bench:nodes`, above';
const MEASURE = 'measured: `npm run scale-model -- --measure`';

export const INPUTS = {
  cpuMsPerStreamSecond: input(6.5, 'ms', BENCH_NODES),
  databaseCpuMsPerStreamSecond: input(1.1, 'ms', BENCH_NODES),
  proxyCpuMsPerStreamSecond: input(1.0, 'ms', BENCH_NODES),
  transactionsPerFragment: input(4.2, '', `${BENCH_NODES}; renewals of leases included`),
  memoryMiBPerStream: input(
    0.41,
    'MiB',
    'measured: `npm run bench:ingest`, 200 pushes (performance.md); with files, so without fragments in memory',
  ),
  idleMemoryMiB: input(66, 'MiB', 'measured: the same'),
  waitingMiB: input(
    256,
    'MiB',
    'read in the code: what pushes and uploads of a node may have in memory until the store has it',
  ),
  partMiB: input(8, 'MiB', 'read in the code: longer fragments are sent in parts of this size'),
  copiesWhileSent: input(
    2,
    '',
    'read in the code: a fragment is gathered in a buffer whose length is a power of two, and in smaller ones before',
  ),
  loadOfCore: input(0.5, '', 'chosen: half of a core is left for requests, playlists and a node that fails'),
  coresPerNode: input(1, '', 'by design: one process uses one core for media'),
  streamMbit: input(2, 'Mbit/s', 'chosen: the stream of both benchmarks'),
  fragmentSec: input(5, 's', 'chosen: the cut of both benchmarks'),
  rowBytesPerFragment: input(447, 'B', MEASURE),
  indexBytesPerFragment: input(268, 'B', MEASURE),
  endsPerChannel: input(3, '', 'read in the tables: the indices in which each channel has an end of its own'),
  putsPerFragment: input(2, '', 'read in the code: the fragment and the playlist'),
  deletesPerFragment: input(2, '', 'read in the code: the playlist before, and the fragment after the retention'),
  storePutsPerPrefixSec: input(3500, '1/s', 'published by AWS for S3, for each prefix, PUT and DELETE together'),
  retentionDays: input(30, 'days', 'chosen'),
  databaseMemoryGiB: input(64, 'GiB', 'chosen'),
  databaseCores: input(32, '', 'chosen'),
  vacuumMiBPerSec: input(200, 'MiB/s', 'assumed: how fast a vacuum reads indices; not measured'),
  pricePerThousandPuts: input(0, 'your currency', 'yours; 0: not counted'),
  pricePerGiBMonth: input(0, 'your currency', 'yours; 0: not counted'),
} satisfies Record<string, Input>;

export type Inputs = { readonly [Name in keyof typeof INPUTS]: number };

export function inputNames(): (keyof Inputs)[] {
  // The cast: TypeScript has no type for the keys of a constant.
  return Object.keys(INPUTS) as (keyof Inputs)[];
}

function input(value: number, unit: string, origin: string): Input {
  return { value, unit, origin };
}
