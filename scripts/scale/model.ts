/** Arithmetic only: every line of the tables is computed, none was run. */
import { markdownTable } from '../bench/page.ts';
import type { Inputs } from './inputs.ts';

const DAY_SEC = 86_400;
const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Pages of PostgreSQL. */
const PAGE_BYTES = 8_192;

function streamsPerNode(inputs: Inputs): number {
  return Math.floor(Math.min(streamsByCores(inputs), streamsByWaitingBytes(inputs)));
}

function streamsByCores({ cpuMsPerStreamSecond, loadOfCore, coresPerNode }: Inputs): number {
  return (1000 / cpuMsPerStreamSecond) * loadOfCore * coresPerNode;
}

/** Where the fragments of all pushes end at the same time. */
function streamsByWaitingBytes(inputs: Inputs): number {
  return inputs.waitingMiB / keptMiB(inputs);
}

/** What a push has in memory at the end of a fragment, until a store that is well has it. */
function keptMiB({ streamMbit, fragmentSec, partMiB }: Inputs): number {
  return Math.min((streamMbit * 1e6 * fragmentSec) / 8 / MIB, partMiB);
}

function memoryMiBPerNode(inputs: Inputs): number {
  const perStream = inputs.memoryMiBPerStream + keptMiB(inputs) * inputs.copiesWhileSent;
  return inputs.idleMemoryMiB + streamsPerNode(inputs) * perStream;
}

export function modelTable(inputs: Inputs, channels: readonly number[]): string {
  const rows: [string, (count: number) => string][] = [
    ['Nodes', (count) => whole(count / streamsPerNode(inputs))],
    ['Pushes per node', () => whole(streamsPerNode(inputs))],
    [
      'Bytes that wait for the store per node, MiB, when all fragments end at once',
      () => whole(streamsPerNode(inputs) * keptMiB(inputs)),
    ],
    ['Memory per node then, MiB', () => whole(memoryMiBPerNode(inputs))],
    [
      'Network per node, Gbit/s in, and as much to the store',
      () => ((streamsPerNode(inputs) * inputs.streamMbit) / 1000).toFixed(2),
    ],
    ['Network of all, Gbit/s in', (count) => whole((count * inputs.streamMbit) / 1000)],
    ['Fragments per second', (count) => whole(count / inputs.fragmentSec)],
    ['Transactions per second', (count) => whole(transactions(inputs, count))],
    ['Cores of PostgreSQL', (count) => whole((count * inputs.databaseCpuMsPerStreamSecond) / 1000)],
    ['Cores of haproxy', (count) => whole((count * inputs.proxyCpuMsPerStreamSecond) / 1000)],
    ['Transactions per stream-hour', () => whole((3600 / inputs.fragmentSec) * inputs.transactionsPerFragment)],
    ['Rows per stream-hour (fragment and object)', () => whole((2 * 3600) / inputs.fragmentSec)],
    ['Rows per day', (count) => whole(2 * fragmentsPerDay(inputs, count))],
    [
      'Metadata per day, GiB',
      (count) =>
        whole((fragmentsPerDay(inputs, count) * (inputs.rowBytesPerFragment + inputs.indexBytesPerFragment)) / GIB),
    ],
    ['Indices after the retention, GiB', (count) => whole(indexGiB(inputs, count))],
    ['Pages of indices that are written to, GiB', (count) => (count * hotGiB(inputs)).toFixed(1)],
    ['A vacuum of the indices, hours', (count) => vacuumHours(inputs, count).toFixed(1)],
    ['Store, PUT per second', (count) => whole((count / inputs.fragmentSec) * inputs.putsPerFragment)],
    ['Store, DELETE per second', (count) => whole((count / inputs.fragmentSec) * inputs.deletesPerFragment)],
    ['Prefixes that the store needs for them', (count) => whole(prefixes(inputs, count))],
    ['Bytes per day, TiB', (count) => whole(bytesPerDay(inputs, count) / 2 ** 40)],
    [
      'Price of PUT per day',
      (count) => price((fragmentsPerDay(inputs, count) * inputs.putsPerFragment * inputs.pricePerThousandPuts) / 1000),
    ],
    [
      'Price of a month of the retention',
      (count) => price(((bytesPerDay(inputs, count) * inputs.retentionDays) / GIB) * inputs.pricePerGiBMonth),
    ],
  ];
  const header = ['Computed', ...channels.map((count) => `${whole(count)} channels`)];
  return markdownTable(
    header,
    rows.map(([name, of]) => [name, ...channels.map(of)]),
  );
}

/** From how many channels on something else is needed. */
export function thresholds(inputs: Inputs): string {
  const fragmentsPerSec = 1 / inputs.fragmentSec;
  const rows = [
    ['a second node: its core', streamsByCores(inputs)],
    ['a second node: bytes that wait for the store, when all fragments end at once', streamsByWaitingBytes(inputs)],
    ['partitions of the history by time: a vacuum takes more than a day', 24 / vacuumHours(inputs, 1)],
    ['a second database: its cores', (inputs.databaseCores * 1000) / inputs.databaseCpuMsPerStreamSecond],
    [
      'a second database: memory for the pages of indices that are written to',
      inputs.databaseMemoryGiB / hotGiB(inputs),
    ],
    [
      'a second prefix in the store',
      inputs.storePutsPerPrefixSec / (fragmentsPerSec * (inputs.putsPerFragment + inputs.deletesPerFragment)),
    ],
  ] as const;
  return markdownTable(
    ['Needed', 'from so many channels on'],
    rows.map(([what, count]) => [what, Math.floor(count).toLocaleString('en-US')]),
  );
}

function transactions(inputs: Inputs, channels: number): number {
  return (channels / inputs.fragmentSec) * inputs.transactionsPerFragment;
}

function fragmentsPerDay({ fragmentSec }: Inputs, channels: number): number {
  return (channels * DAY_SEC) / fragmentSec;
}

function bytesPerDay({ streamMbit }: Inputs, channels: number): number {
  return (channels * DAY_SEC * streamMbit * 1e6) / 8;
}

function indexGiB(inputs: Inputs, channels: number): number {
  return (fragmentsPerDay(inputs, channels) * inputs.retentionDays * inputs.indexBytesPerFragment) / GIB;
}

/** A channel appends to its own end of these indices, so that one page of each is written to at a time. */
function hotGiB({ endsPerChannel }: Inputs): number {
  return (endsPerChannel * PAGE_BYTES) / GIB;
}

function vacuumHours(inputs: Inputs, channels: number): number {
  return (indexGiB(inputs, channels) * 1024) / inputs.vacuumMiBPerSec / 3600;
}

function prefixes(inputs: Inputs, channels: number): number {
  const { fragmentSec, putsPerFragment, deletesPerFragment, storePutsPerPrefixSec } = inputs;
  return ((channels / fragmentSec) * (putsPerFragment + deletesPerFragment)) / storePutsPerPrefixSec;
}

function whole(value: number): string {
  return Math.ceil(value).toLocaleString('en-US');
}

function price(value: number): string {
  return value === 0 ? 'not counted' : whole(value);
}
