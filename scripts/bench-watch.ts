/**
 * Watching by WebRTC: the cost of 50 viewers, and the age of a picture when it is shown.
 *
 *     npm run bench:watch -- [--viewers 50] [--seconds 20] [--rounds 3] [--joins 10] [--pictures 300] [--clip 20] [--write]
 *
 * One encoder pushes 720p30 H.264 at 2 Mbit/s with AAC. The emulator has a separate core if `taskset` is installed. The
 * age of a picture is that of the time drawn into it, read from Chromium's `<video>` on this machine.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { CLOCK_BITS, CLOCK_BLOCK_PX, ClockPictures } from './bench/clock-pictures.ts';
import { percentile } from './bench/figures.ts';
import { programVersion } from './bench/program-version.ts';
import { type Column, figure, packageVersion, publish, runBenchmark, table } from './bench/report.ts';
import { type BenchServer, startEmulator } from './bench/server.ts';
import type { ReceiverReport } from './bench/watch-receivers.ts';
import { openWhepPage } from './bench/whep-browser.ts';
import { launchChromium } from './support/chromium.ts';
import { count, flag, positive, readCommandLine } from './support/command-line.ts';

const RECEIVERS = fileURLToPath(new URL('./bench/watch-receivers.ts', import.meta.url));
const PUBLISH_SETTLE_MS = 3_000;
const LATENCY_SETTLE_MS = 5_000;

const run = promisify(execFile);

interface Cost extends ReceiverReport {
  readonly cpuShare: number;
}

interface LatencyPlan {
  /** How often a page joins. */
  readonly joins: number;
  /** Whose age is read. */
  readonly pictures: number;
}

/** From the request. */
interface Join {
  readonly answerMs: number;
  readonly firstFrameMs: number;
}

interface Latency {
  readonly agesMs: readonly number[];
  readonly answersMs: readonly number[];
  readonly firstFramesMs: readonly number[];
}

/** A picture with much movement, so that the encoder uses its 2 Mbit/s. */
async function makeClip(path: string, seconds: number): Promise<void> {
  const picture = '-f lavfi -i testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t';
  const sound = '-f lavfi -i sine=frequency=440:sample_rate=48000';
  const video = '-c:v libx264 -preset veryfast -tune zerolatency -bf 0 -g 60 -b:v 2M -maxrate 2M -bufsize 1M';
  const rest = '-pix_fmt yuv420p -c:a aac -b:a 128k -ac 2 -f flv';
  await run('ffmpeg', ['-v', 'error', ...`${picture} ${sound} -t ${seconds} ${video} ${rest}`.split(' '), path]);
}

function publishClip(clip: string, url: string): ChildProcess {
  const args = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy', '-f', 'flv', url];
  return spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Gives each a core: on a shared core the receivers would delay the emulator. */
async function pin(pid: number, core: number): Promise<void> {
  await run('taskset', ['-a', '-c', '-p', String(core), String(pid)]).catch(() => {});
}

async function measureCost(server: BenchServer, clip: string, viewers: number, seconds: number): Promise<Cost> {
  const stream = 'app/bench';
  const publisher = publishClip(clip, `rtmp://127.0.0.1:${server.port}/${stream}`);
  try {
    await delay(PUBLISH_SETTLE_MS);
    const url = `http://127.0.0.1:${server.port}/${stream}`;
    const receivers = spawn(process.execPath, ['--import', 'tsx', RECEIVERS, url, String(viewers), String(seconds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (receivers.pid !== undefined) await pin(receivers.pid, 1);
    let cpuBeforeMs = 0;
    for await (const line of createInterface(receivers.stdout)) {
      const { event, ...report } = JSON.parse(line);
      if (event === 'measuring') cpuBeforeMs = server.cpuMs();
      else return { ...report, cpuShare: (server.cpuMs() - cpuBeforeMs) / (seconds * 1000) };
    }
    throw new Error('the receivers ended without a report');
  } finally {
    publisher.kill('SIGKILL');
    await once(publisher, 'exit');
  }
}

async function measureLatency(server: BenchServer, plan: LatencyPlan): Promise<Latency> {
  const stream = 'app/clock';
  const pictures = new ClockPictures(`rtmp://127.0.0.1:${server.port}/${stream}`);
  const browser = await launchChromium();
  try {
    await delay(PUBLISH_SETTLE_MS);
    const url = `http://127.0.0.1:${server.port}/${stream}`;
    const joins: Join[] = [];
    let page: Page | undefined;
    for (let join = 0; join < plan.joins; join++) {
      await page?.close();
      page = await openWhepPage(browser);
      joins.push(await page.evaluate<Join>(`watch('${url}')`));
    }
    if (!page) throw new Error('nobody joined');
    await delay(LATENCY_SETTLE_MS);
    const agesMs: number[] = await page.evaluate(`pictureAges(${plan.pictures}, ${CLOCK_BITS}, ${CLOCK_BLOCK_PX})`);
    return {
      agesMs,
      answersMs: joins.map(({ answerMs }) => answerMs),
      firstFramesMs: joins.map(({ answerMs, firstFrameMs }) => firstFrameMs - answerMs),
    };
  } finally {
    await browser.close();
    await pictures.stop();
  }
}

const COST_COLUMNS: readonly Column<Cost>[] = [
  figure({
    title: 'CPU of the emulator',
    of: ({ cpuShare }) => cpuShare * 100,
    format: (percent) => `${percent.toFixed(0)} % of a core`,
    isCpu: true,
  }),
  figure({
    title: 'Packets per second',
    of: ({ packetsPerSec }) => packetsPerSec,
    format: (count) => count.toFixed(0),
  }),
  figure({
    title: 'CPU per packet',
    of: ({ cpuShare, packetsPerSec }) => (cpuShare * 1e6) / packetsPerSec,
    format: (us) => `${us.toFixed(1)} µs`,
    isCpu: true,
  }),
  figure({
    title: 'Sent',
    of: ({ bytesPerSec }) => (bytesPerSec * 8) / 1e6,
    format: (megabits) => `${megabits.toFixed(0)} Mbit/s`,
  }),
  { title: 'Lost', cell: (rounds) => rounds.map(({ lost }) => lost).join('; ') },
  {
    title: 'Jitter (median, worst)',
    cell: (rounds) =>
      rounds
        .map(({ jitterMedianMs: mid, jitterWorstMs: worst }) => `${mid.toFixed(1)}, ${worst.toFixed(1)} ms`)
        .join('; '),
  },
];

/** A round has many times. */
const TIME_COLUMNS: readonly Column<readonly number[]>[] = [
  figure({ title: 'median', of: (timesMs) => percentile(timesMs, 0.5), format: milliseconds }),
  figure({ title: '95th percentile', of: (timesMs) => percentile(timesMs, 0.95), format: milliseconds }),
];

function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}

const { values, command } = readCommandLine(import.meta.url, {
  viewers: count(50),
  seconds: positive(20),
  rounds: count(3),
  joins: count(10),
  pictures: count(300),
  clip: positive(20),
  write: flag('Write the tables into docs/performance.md'),
});

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-watch-'));
  const { viewers, rounds, seconds } = values;
  const plan = { joins: values.joins, pictures: values.pictures };
  const maxViewers = String(viewers + plan.joins);
  const server = await startEmulator(folder, ['--webrtc-port', '0', '--max-viewers', maxViewers]);
  try {
    await pin(server.pid, 0);
    const clip = join(folder, 'clip.flv');
    await makeClip(clip, values.clip);
    const costs: Cost[] = [];
    const latencies: Latency[] = [];
    for (let round = 0; round < rounds; round++) {
      costs.push(await measureCost(server, clip, viewers, seconds));
      latencies.push(await measureLatency(server, plan));
    }
    const times = [
      { labels: ['answer to the offer'], rounds: latencies.map(({ answersMs }) => answersMs) },
      { labels: ['from there to the first picture'], rounds: latencies.map(({ firstFramesMs }) => firstFramesMs) },
      {
        labels: ['age of a picture when it is shown, encoding included'],
        rounds: latencies.map(({ agesMs }) => agesMs),
      },
    ];
    const report = {
      section: 'bench:watch',
      command,
      rounds,
      versions: [
        programVersion('ffmpeg', 'ffmpeg', '-version'),
        programVersion('Chromium', 'chromium', '--version'),
        packageVersion('werift'),
      ],
      tables: [
        table(['Viewers'], COST_COLUMNS, [{ labels: [String(viewers)], rounds: costs }]),
        table(['In Chromium'], TIME_COLUMNS, times),
      ],
    };
    publish(report, values.write);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await runBenchmark(main, values);
