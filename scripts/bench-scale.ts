/**
 * Is it as fast with much stored data? Two emulators, one with 1,000 channels, the day of one camera and a bucket of 1,000
 * versions, the other with 100,000 channels, a million fragments and a bucket of a million versions, answer the same requests
 * in turn; the CPU time of the server per request is compared. After that, a lifecycle pass deletes a million objects while
 * requests go on. With `--write` the tables are written into docs/performance.md.
 *
 *     npm run bench:scale -- [--rounds 5] [--lifecycle-only] [--write]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './bench/http-load.ts';
import { lifecyclePassTable } from './bench/lifecycle-pass.ts';
import { markdownTable, measuredOn, updatePage } from './bench/page.ts';
import { type Contents, FRAGMENTS_PER_DAY, fillDataFolder } from './bench/scale-contents.ts';
import { cpuMsPerRequest, SCALE_OPERATIONS, type ScaleOperation } from './bench/scale-operations.ts';
import { type BenchServer, startEmulator } from './bench/server.ts';

const SMALL: Contents = { channels: 1_000, fragments: FRAGMENTS_PER_DAY, versions: 1_000 };
const LARGE: Contents = { channels: 100_000, fragments: 1_000_000, versions: 1_000_000 };
const EXPIRED_OBJECTS = 1_000_000;

interface Row {
  readonly operation: ScaleOperation;
  readonly smallMs: number[];
  readonly largeMs: number[];
}

async function compare(small: BenchServer, large: BenchServer, rounds: number): Promise<readonly Row[]> {
  const rows = SCALE_OPERATIONS.map((operation): Row => ({ operation, smallMs: [], largeMs: [] }));
  for (const { operation } of rows) {
    for (const server of [small, large]) await cpuMsPerRequest(server, operation);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { operation, smallMs, largeMs } of rows) {
      smallMs.push(await cpuMsPerRequest(small, operation));
      largeMs.push(await cpuMsPerRequest(large, operation));
    }
  }
  return rows;
}

function toTable(rows: readonly Row[]): string {
  const figures = rows.map(({ operation, smallMs, largeMs }) => {
    const [small, large] = [median(smallMs), median(largeMs)];
    return [operation.name, `${small.toFixed(2)} ms`, `${large.toFixed(2)} ms`, (large / small).toFixed(2)];
  });
  const describe = ({ channels, fragments, versions }: Contents) =>
    `${channels.toLocaleString('en-US')} channels, ${fragments.toLocaleString('en-US')} fragments, ${versions.toLocaleString('en-US')} versions`;
  return markdownTable(['CPU time per request', describe(SMALL), describe(LARGE), 'Ratio'], figures);
}

async function compareFolders(rounds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-scale-'));
  const servers: BenchServer[] = [];
  try {
    for (const [name, contents] of Object.entries({ small: SMALL, large: LARGE })) {
      const dataFolder = join(folder, name);
      await mkdir(dataFolder);
      await fillDataFolder(dataFolder, contents);
      servers.push(await startEmulator(dataFolder));
    }
    const [small, large] = servers;
    if (!small || !large) throw new RangeError('two servers are compared');
    return toTable(await compare(small, large, rounds));
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      /** Without the comparison. */
      'lifecycle-only': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const print = (section: string, table: string) => {
    console.log(table);
    if (values.write) updatePage(section, `${measuredOn('npm run bench:scale')}\n\n${table}`);
  };
  if (!values['lifecycle-only']) print('bench:scale', await compareFolders(Number(values.rounds)));
  print('bench:lifecycle', await lifecyclePassTable(EXPIRED_OBJECTS));
}

await main();
