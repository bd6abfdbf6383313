/** Arithmetic only: every line of the tables is computed, none was run. */
import { markdownTable } from '../bench/page.ts';
import type { Inputs } from './inputs.ts';

const DAY_SEC = 86_400;
const GIB = 2 ** 30;

function streamsPerNode(inputs: Inputs): number {
  return Math.floor((1000 / inputs.cpuMsPerStreamSecond) * inputs.loadOfCore * inputs.coresPerNode);
}

/** Of PostgreSQL, for one fragment. */
function rowBytes({ sqliteBytesPerFragment, postgresOverSqlite }: Inputs): number {
  return sqliteBytesPerFragment * postgresOverSqlite;
}

export function modelTable(inputs: Inputs, channels: readonly number[]): string {
  const rows: [string, (count: number) => string][] = [
    ['Nodes', (count) => whole(count / streamsPerNode(inputs))],
    ['Pushes per node', () => whole(streamsPerNode(inputs))],
    ['Memory per node, MiB', () => whole(inputs.idleMemoryMiB + streamsPerNode(inputs) * inputs.memoryMiBPerStream)],
    [
      'Network per node, Gbit/s in, and as much to the store',
      () => ((streamsPerNode(inputs) * inputs.streamMbit) / 1000).toFixed(2),
    ],
    ['Network of all, Gbit/s in', (count) => whole((count * inputs.streamMbit) / 1000)],
    ['Fragments per second', (count) => whole(count / inputs.fragmentSec)],
    ['Transactions per second', (count) => whole(transactions(inputs, count))],
    ['Statements per second', (count) => whole(transactions(inputs, count) * inputs.statementsPerTransaction)],
    [
      'Fragments, as a multiple of what two shared cores did',
      (count) => (count / inputs.fragmentSec / inputs.measuredFragmentsPerSec).toFixed(1),
    ],
    ['Rows per day (fragment and object)', (count) => whole(2 * fragmentsPerDay(inputs, count))],
    ['Metadata per day, GiB', (count) => whole((fragmentsPerDay(inputs, count) * rowBytes(inputs)) / GIB)],
    ['Indices after the retention, GiB', (count) => whole(indexGiB(inputs, count))],
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
  const perChannel = { index: indexGiB(inputs, 1), fragments: 1 / inputs.fragmentSec };
  const rows = [
    ['a second node', streamsPerNode(inputs)],
    ['more than the database that was measured', inputs.measuredFragmentsPerSec / perChannel.fragments],
    [
      'partitions of the fragment index by time: its indices exceed the memory',
      inputs.databaseMemoryGiB / perChannel.index,
    ],
    [
      'a second prefix in the store',
      inputs.storePutsPerPrefixSec / (perChannel.fragments * (inputs.putsPerFragment + inputs.deletesPerFragment)),
    ],
  ] as const;
  return markdownTable(
    ['Needed', 'from so many channels on'],
    rows.map(([what, count]) => [what, Math.floor(count).toLocaleString('en-US')]),
  );
}

function transactions(inputs: Inputs, channels: number): number {
  const renewals = channels / streamsPerNode(inputs) / inputs.leaseRenewSec;
  return (channels / inputs.fragmentSec) * inputs.transactionsPerFragment + renewals;
}

function fragmentsPerDay({ fragmentSec }: Inputs, channels: number): number {
  return (channels * DAY_SEC) / fragmentSec;
}

function bytesPerDay({ streamMbit }: Inputs, channels: number): number {
  return (channels * DAY_SEC * streamMbit * 1e6) / 8;
}

function indexGiB(inputs: Inputs, channels: number): number {
  const bytes = fragmentsPerDay(inputs, channels) * inputs.retentionDays * rowBytes(inputs) * inputs.indexShare;
  return bytes / GIB;
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
