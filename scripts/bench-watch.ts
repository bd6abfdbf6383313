/**
 * Watching by WebRTC: the cost of 50 viewers, and the age of a picture when it is shown.
 *
 *     npm run bench:watch -- [--viewers 50] [--seconds 20] [--write]
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
import { parseArgs, promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { CLOCK_BITS, CLOCK_BLOCK_PX, ClockPictures } from './bench/clock-pictures.ts';
import { markdownTable, measuredOn, updatePage } from './bench/page.ts';
import { type BenchServer, startEmulator } from './bench/server.ts';
import type { ReceiverReport } from './bench/watch-receivers.ts';
import { openWhepPage } from './bench/whep-browser.ts';
import { launchChromium } from './support/chromium.ts';

const RECEIVERS = fileURLToPath(new URL('./bench/watch-receivers.ts', import.meta.url));
const PUBLISH_SETTLE_MS = 3_000;
const LATENCY_SETTLE_MS = 5_000;
const PICTURES = 300;
const JOINS = 10;

const run = promisify(execFile);

interface Cost extends ReceiverReport {
  readonly cpuShare: number;
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

/** Twenty seconds of a picture with much movement, so that the encoder uses its 2 Mbit/s. */
async function makeClip(path: string): Promise<void> {
  const picture = '-f lavfi -i testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t';
  const sound = '-f lavfi -i sine=frequency=440:sample_rate=48000';
  const video = '-c:v libx264 -preset veryfast -tune zerolatency -bf 0 -g 60 -b:v 2M -maxrate 2M -bufsize 1M';
  const rest = '-pix_fmt yuv420p -c:a aac -b:a 128k -ac 2 -f flv';
  await run('ffmpeg', ['-v', 'error', ...`${picture} ${sound} -t 20 ${video} ${rest}`.split(' '), path]);
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

async function measureLatency(server: BenchServer): Promise<Latency> {
  const stream = 'app/clock';
  const pictures = new ClockPictures(`rtmp://127.0.0.1:${server.port}/${stream}`);
  const browser = await launchChromium();
  try {
    await delay(PUBLISH_SETTLE_MS);
    const url = `http://127.0.0.1:${server.port}/${stream}`;
    const joins: Join[] = [];
    let page: Page | undefined;
    for (let join = 0; join < JOINS; join++) {
      await page?.close();
      page = await openWhepPage(browser);
      joins.push(await page.evaluate<Join>(`watch('${url}')`));
    }
    if (!page) throw new Error('nobody joined');
    await delay(LATENCY_SETTLE_MS);
    const agesMs: number[] = await page.evaluate(`pictureAges(${PICTURES}, ${CLOCK_BITS}, ${CLOCK_BLOCK_PX})`);
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

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function milliseconds(values: readonly number[]): string {
  return `${percentile(values, 0.5).toFixed(0)} ms, ${percentile(values, 0.95).toFixed(0)} ms`;
}

function tables(cost: Cost, latency: Latency): string {
  const perPacketUs = (cost.cpuShare * 1e6) / cost.packetsPerSec;
  return [
    markdownTable(
      [
        'Viewers',
        'CPU of the emulator',
        'Packets per second',
        'CPU per packet',
        'Sent',
        'Lost',
        'Jitter (median, worst)',
      ],
      [
        [
          String(cost.viewers),
          `${(cost.cpuShare * 100).toFixed(0)} % of a core`,
          cost.packetsPerSec.toFixed(0),
          `${perPacketUs.toFixed(1)} µs`,
          `${((cost.bytesPerSec * 8) / 1e6).toFixed(0)} Mbit/s`,
          String(cost.lost),
          `${cost.jitterMedianMs.toFixed(1)}, ${cost.jitterWorstMs.toFixed(1)} ms`,
        ],
      ],
    ),
    markdownTable(
      ['In Chromium (median, 95th percentile)', ''],
      [
        ['answer to the offer', milliseconds(latency.answersMs)],
        ['from there to the first picture', milliseconds(latency.firstFramesMs)],
        ['age of a picture when it is shown, encoding included', milliseconds(latency.agesMs)],
      ],
    ),
  ].join('\n\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      viewers: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '20' },
      write: { type: 'boolean', default: false },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'bench-watch-'));
  const maxViewers = String(Number(values.viewers) + JOINS);
  const server = await startEmulator(folder, ['--webrtc-port', '0', '--max-viewers', maxViewers]);
  try {
    await pin(server.pid, 0);
    const clip = join(folder, 'clip.flv');
    await makeClip(clip);
    const cost = await measureCost(server, clip, Number(values.viewers), Number(values.seconds));
    const text = tables(cost, await measureLatency(server));
    console.log(text);
    if (values.write) updatePage('bench:watch', `${measuredOn('npm run bench:watch')}\n\n${text}`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
