/** What the model of docs/scale.md is made from, each with where it is from. */
export interface Input {
  readonly value: number;
  readonly unit: string;
  readonly origin: string;
}

export const INPUTS = {
  cpuMsPerStreamSecond: input(
    1.01,
    'ms',
    'measured: `npm run bench:ingest`, 200 pushes of 2 Mbit/s (docs/performance.md)',
  ),
  memoryMiBPerStream: input(0.41, 'MiB', 'measured: the same'),
  idleMemoryMiB: input(66, 'MiB', 'measured: the same'),
  loadOfCore: input(0.5, '', 'chosen: half of a core is left for requests, playlists and a node that fails'),
  coresPerNode: input(1, '', 'by design: one process uses one core for media'),
  streamMbit: input(2, 'Mbit/s', 'chosen: the stream of that benchmark'),
  fragmentSec: input(5, 's', 'chosen: the cut of that benchmark'),
  sqliteBytesPerFragment: input(
    451,
    'B',
    'measured: `npm run scale-model -- --measure`; rows of fragment and object with indices',
  ),
  postgresOverSqlite: input(1.5, '', 'assumed: headers of rows; not measured'),
  indexShare: input(0.4, '', 'assumed: the part of those bytes that indices are; not measured'),
  transactionsPerFragment: input(2, '', 'read in the code: the fragment, then its playlist'),
  statementsPerTransaction: input(5, '', 'read in the code: begin, three statements, commit'),
  measuredFragmentsPerSec: input(
    353,
    '1/s',
    'measured once: eight channels at a time, PostgreSQL 15 and its client on the same two cores, fsync on',
  ),
  leaseRenewSec: input(3, 's', 'by design: one statement for all pushes of a node'),
  putsPerFragment: input(2, '', 'read in the code: the fragment and the playlist'),
  deletesPerFragment: input(1, '', 'read in the code: the playlist before'),
  storePutsPerPrefixSec: input(3500, '1/s', 'published by AWS for S3, for each prefix, PUT and DELETE together'),
  retentionDays: input(30, 'days', 'chosen'),
  databaseMemoryGiB: input(64, 'GiB', 'chosen: indices should fit'),
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
