/**
 * How long a test waits for a server: from the start of its process to the first answer, after one start that does not count,
 * compared with the emulators of other services in Node, in process and as a command; and the duration of a reset, of the seed
 * of a day and of the end of a broken push in a running emulator. The last column divides each median by that of the start of
 * s3rver in the same run.
 *
 * With `--against` another build of the emulator takes its turns too, and the ratios to it stand below the table.
 *
 *     npm run bench:start -- [--rounds 10] [--resets 1000] [--without-peers] [--against /path/to/other/dist] [--write]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadClip, repeatClip } from '../src/control-plane/publisher/clip.ts';
import { RtmpPublisher, startEmulator } from '../src/index.ts';
import { median, percentile } from './bench/figures.ts';
import { givenBuild } from './bench/given.ts';
import { type Column, figure, publish, runBenchmark, table } from './bench/report.ts';
import { installPeers, PEERS_FOLDER, peerVersions } from './bench/rest-targets.ts';
import { EMULATOR, startServer } from './bench/server.ts';
import { count, flag, readCommandLine } from './support/command-line.ts';

interface Starter {
  readonly name: string;
  /** The arguments of Node. The server stores its data below `folder`. */
  args(folder: string): readonly string[];
}

interface Timed {
  readonly name: string;
  readonly timesMs: readonly number[];
}

/** The peer that each median is divided by; without peers, the start of this emulator in process. */
const BASE = 's3rver, in process';
const BROKEN_PUSH_MS = 10_000;

/**
 * The two ways to start one build of the emulator.
 *
 * @param program its `main.js`
 */
function startersOf(name: string, program: string): readonly [inProcess: Starter, command: Starter] {
  const library = program.replace(/main\.js$/, 'index.js');
  return [
    {
      name: `${name}, in process`,
      args: () => [
        '--input-type=module',
        '-e',
        `import { startEmulator } from '${library}';
         const { endpoint } = await startEmulator();
         console.log(endpoint);`,
      ],
    },
    {
      name: `${name}, the command`,
      args: (folder) => [program, '--port', '0', '--rtmp-port', 'off', '--data-dir', folder],
    },
  ];
}

const OURS = startersOf('this emulator', EMULATOR);

const PEERS: readonly Starter[] = [
  {
    name: BASE,
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

/** Milliseconds until the server has answered a request; any status counts. */
async function timeStart(starter: Starter): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
  try {
    const startMs = performance.now();
    const server = await startServer(starter.args(folder), PEERS.includes(starter) ? PEERS_FOLDER : folder);
    await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
    const elapsedMs = performance.now() - startMs;
    await server.stop();
    return elapsedMs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timeStarts(starters: readonly Starter[], rounds: number): Promise<readonly Timed[]> {
  const times = starters.map((): number[] => []);
  // The first start after a build compiles, and the first of any server reads it from the disk.
  for (const starter of starters) await timeStart(starter);
  for (let round = 0; round < rounds; round++) {
    const turn = [...starters.entries()];
    for (const [index, starter] of round % 2 === 0 ? turn : turn.toReversed()) {
      times[index]?.push(await timeStart(starter));
    }
  }
  return starters.map(({ name }, index) => ({ name: `start to first answer: ${name}`, timesMs: times[index] ?? [] }));
}

/** Resets of an emulator while a publisher pushes to it. */
async function timeResets(count: number): Promise<Timed> {
  await using emulator = await startEmulator();
  const timesMs: number[] = [];
  for (let n = 0; n < count; n++) {
    const stored = emulator.events.waitFor('fragment.stored');
    await emulator.publish({ channel: 'cam', durationSec: 3_600, speed: 'max' });
    await stored;
    const startMs = performance.now();
    await emulator.reset();
    timesMs.push(performance.now() - startMs);
  }
  return { name: `reset with a live publisher, ${count} times`, timesMs };
}

/** From the end of a publisher's connection until its channel is idle, with the last fragment stored and listed. */
async function timeBrokenPushes(rounds: number): Promise<Timed> {
  await using emulator = await startEmulator();
  const clip = await loadClip(undefined);
  const timesMs: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const publisher = await RtmpPublisher.publish(await emulator.rtmpUrl('test-channel'));
    for (const message of repeatClip(clip, BROKEN_PUSH_MS)) {
      if (!publisher.send(message)) await publisher.drained();
    }
    const ended = emulator.events.waitFor('publish.ended');
    const startMs = performance.now();
    publisher.destroy();
    await ended;
    timesMs.push(performance.now() - startMs);
  }
  return { name: `idle channel after its publisher was killed, ${rounds} times`, timesMs };
}

async function timeSeeds(rounds: number): Promise<Timed> {
  await using emulator = await startEmulator();
  const recordings = [{ from: '-24h', to: 'now' }];
  const timesMs: number[] = [];
  for (let n = 0; n < rounds; n++) {
    await emulator.reset();
    const startMs = performance.now();
    await emulator.seed({ buckets: [{ name: emulator.bucket, channels: [{ name: 'door', recordings }] }] });
    timesMs.push(performance.now() - startMs);
  }
  return { name: 'seed of a day, 14,400 fragments', timesMs };
}

/** A round is a time in milliseconds, and medians are shown as multiples of `baseMs` too. */
function columns(base: string, baseMs: number): readonly Column<number>[] {
  const format = (ms: number) => `${ms.toFixed(1)} ms`;
  return [
    figure({ title: 'median', of: (ms) => ms, format }),
    { title: 'slowest percent', cell: (rounds) => format(percentile(rounds, 0.99)) },
    { title: `ratio to ${base}`, cell: (rounds) => (median(rounds) / baseMs).toFixed(3) },
  ];
}

/** A line for each way to start: this build's time as a ratio to the other's, round by round. */
function ratios(own: readonly Timed[], other: readonly Timed[]): readonly string[] {
  return own.map(({ name, timesMs }, index) => {
    const perRound = timesMs.map((ms, round) => ms / (other[index]?.timesMs[round] ?? Number.NaN));
    return `${name}: ${median(perRound).toFixed(3)} of the time of the other build (median of ${perRound.length} rounds)`;
  });
}

const { values, command } = readCommandLine(import.meta.url, {
  rounds: count(10),
  resets: count(1000),
  'without-peers': flag('Measure this emulator alone'),
  against: givenBuild(),
  write: flag('Write the table into docs/performance.md'),
});

async function main(): Promise<void> {
  const { rounds, resets } = values;
  if (!values['without-peers']) await installPeers();
  const other = values.against === undefined ? [] : startersOf('the other build', resolve(values.against, 'main.js'));
  const starters = [...OURS, ...other, ...(values['without-peers'] ? [] : PEERS)];
  const starts = await timeStarts(starters, rounds);
  const all = [...starts, await timeResets(resets), await timeBrokenPushes(10 * rounds), await timeSeeds(rounds)];
  const baseIndex = Math.max(
    0,
    starters.findIndex(({ name }) => name === BASE),
  );
  const baseMs = median(starts[baseIndex]?.timesMs ?? []);
  const rows = all.map(({ name, timesMs }) => ({ labels: [name], rounds: timesMs }));
  const tables = [table([''], columns(starters[baseIndex]?.name ?? '', baseMs), rows)];
  const [own, others] = [starts.slice(0, OURS.length), starts.slice(OURS.length, OURS.length + other.length)];
  const remarks = other.length > 0 ? [ratios(own, others).join('  \n')] : [];
  const versions = values['without-peers'] ? [] : peerVersions();
  publish({ section: 'bench:start', command, rounds, versions, tables, remarks }, values.write);
}

await runBenchmark(main, values);
