/**
 * How long one waits for a server: from the birth of its process to the first answer, beside the emulators of other
 * services in Node, in process and as a command; and what a reset and the seed of a day take once ours runs.
 *
 *     npm run bench:start -- [--rounds 10] [--resets 1000] [--without-peers] [--write]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmulator } from '../src/index.ts';
import { median } from './bench/http-load.ts';
import { markdownTable, measuredOn, updatePage } from './bench/page.ts';
import { installPeers, PEERS_FOLDER } from './bench/rest-targets.ts';
import { EMULATOR, startServer } from './bench/server.ts';

interface Starter {
  readonly name: string;
  /** What Node runs; keeps what it keeps below `folder`. */
  args(folder: string): readonly string[];
}

const LIBRARY = EMULATOR.replace(/main\.js$/, 'index.js');

const OURS: readonly Starter[] = [
  {
    name: 'this emulator, in process',
    args: () => [
      '--input-type=module',
      '-e',
      `import { startEmulator } from '${LIBRARY}';
       const { endpoint } = await startEmulator();
       console.log(endpoint);`,
    ],
  },
  {
    name: 'this emulator, the command',
    args: (folder) => [EMULATOR, '--port', '0', '--rtmp-port', 'off', '--data-dir', folder],
  },
];

const PEERS: readonly Starter[] = [
  {
    name: 's3rver, in process',
    args: (folder) => [
      '-e',
      `const S3rver = require('s3rver');
       new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: '${folder}' }).run()
         .then(({ port }) => console.log('http://127.0.0.1:' + port));`,
    ],
  },
  {
    name: 'Azurite (blob), the command',
    args: (folder) => {
      const program = join(PEERS_FOLDER, 'node_modules/azurite/dist/src/blob/main.js');
      return [program, '--blobPort', '0', '--location', folder, '--silent', '--disableTelemetry'];
    },
  },
];

/** Milliseconds until it answered a request, whatever the answer was. */
async function timeStart(starter: Starter): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
  try {
    const startMs = performance.now();
    const server = await startServer(starter.args(folder), PEERS_FOLDER);
    await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
    const elapsedMs = performance.now() - startMs;
    await server.stop();
    return elapsedMs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timeStarts(starters: readonly Starter[], rounds: number): Promise<readonly (readonly string[])[]> {
  const times = starters.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, starter] of starters.entries()) times[index]?.push(await timeStart(starter));
  }
  return starters.map(({ name }, index) => [`start to first answer: ${name}`, ...summary(times[index] ?? [])]);
}

/** Resets of an emulator that somebody is pushing to. */
async function timeResets(count: number): Promise<readonly string[]> {
  await using emulator = await startEmulator();
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const stored = emulator.events.waitFor('fragment.stored');
    await emulator.publish({ channel: 'cam', durationSec: 3_600, speed: 'max' });
    await stored;
    const startMs = performance.now();
    await emulator.reset();
    times.push(performance.now() - startMs);
  }
  return [`reset with a live publisher, ${count} times`, ...summary(times)];
}

async function timeSeeds(rounds: number): Promise<readonly string[]> {
  await using emulator = await startEmulator();
  const recordings = [{ from: '-24h', to: 'now' }];
  const times: number[] = [];
  for (let n = 0; n < rounds; n++) {
    await emulator.reset();
    const startMs = performance.now();
    await emulator.seed({ buckets: [{ name: emulator.bucket, channels: [{ name: 'door', recordings }] }] });
    times.push(performance.now() - startMs);
  }
  return ['seed of a day, 14,400 fragments', ...summary(times)];
}

/** Median, and the slowest percent. */
function summary(times: readonly number[]): readonly string[] {
  const sorted = [...times].sort((a, b) => a - b);
  const slow = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
  return [`${median([...times]).toFixed(1)} ms`, `${slow.toFixed(1)} ms`];
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    resets: { type: 'string', default: '1000' },
    'without-peers': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!values['without-peers']) await installPeers();
const starters = values['without-peers'] ? OURS : [...OURS, ...PEERS];
const rows = [
  ...(await timeStarts(starters, rounds)),
  await timeResets(Number(values.resets)),
  await timeSeeds(rounds),
];
const table = markdownTable(['', 'median', 'slowest percent'], rows);
console.log(table);
if (values.write) updatePage('bench:start', `${table}\n\n${measuredOn('npm run bench:start')}`);
