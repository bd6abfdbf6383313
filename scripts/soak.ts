/**
 * Two hours of one push, faster than real time: a clip is sent repeatedly through a real RTMP connection to an emulator
 * on disk, whose clock moves with the media. Memory must not grow, the playlist must agree with the clock to within one
 * frame, and ffmpeg must decode the VOD playlist of everything without a message.
 *
 *     npm run soak -- [--hours 2]
 *
 * With `--minutes` it is the built command in real time, under a mixed load (`soak/mixed-load.ts`):
 *
 *     npm run soak -- --minutes 30
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ManualClock } from '../src/base/clock.ts';
import { Emulator } from '../src/emulator/emulator.ts';
import { readFlvTags } from '../src/media/flv/file.ts';
import type { MediaMessage } from '../src/media/flv/media-message.ts';
import { RtmpPublisher } from '../src/rtmp/client.ts';
import { soakMixed } from './soak/mixed-load.ts';
import { positive, readOptions } from './support/command-line.ts';

const CLIP = fileURLToPath(new URL('../fixtures/clips/h264-aac-320x180-inband-parameter-sets.flv', import.meta.url));
/** 100 pictures at 25 per second; one fragment each time. */
const CLIP_MS = 4_000;
const FRAME_MS = 40;
const CHANNEL = 'soak';
const BUCKET = { name: 'examplebucket', acl: 'public-read-write' } as const;
const SAMPLE_EVERY_FRAGMENTS = 50;
/** The emulator remembers its latest 10,000 events: two hours of fragments add a third of them. */
const MAX_GROWTH_BYTES = 2 * 2 ** 20;

const run = promisify(execFile);

class Deviation extends Error {}

async function soak(emulator: Emulator, clock: ManualClock, hours: number): Promise<void> {
  const { port } = await emulator.start();
  const base = `http://127.0.0.1:${port}/${BUCKET.name}/${CHANNEL}`;
  await request('PUT', `${base}?live`, configuration());
  const startMs = clock.now();
  const loops = Math.ceil((hours * 3_600_000) / CLIP_MS);
  const usedBytes = await push(emulator, clock, `rtmp://127.0.0.1:${port}/${BUCKET.name}/live/${CHANNEL}`, loops);
  checkMemory(usedBytes);

  const range = `startTime=${Math.floor(startMs / 1000)}&endTime=${Math.ceil(clock.now() / 1000)}`;
  await request('POST', `${base}/vod.m3u8?vod&${range}`);
  checkDrift(await request('GET', `${base}/vod.m3u8`), loops);
  const startedMs = performance.now();
  const { stderr } = await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', `${base}/vod.m3u8`, '-f', 'null', '-']);
  if (stderr !== '') throw new Deviation(`ffmpeg says ${stderr.slice(0, 1_000)}`);
  console.log(`decoded    in ${((performance.now() - startedMs) / 1000).toFixed(0)} s, without a word`);
}

/** Resolves to samples of the memory in use. */
async function push(emulator: Emulator, clock: ManualClock, url: string, loops: number): Promise<readonly number[]> {
  const tags = [...readFlvTags(await readFile(CLIP))];
  const isOpening = ({ kind, payload }: MediaMessage) => kind === 'data' || payload[1] === 0;
  const media = tags.filter((tag) => !isOpening(tag));
  const startMs = clock.now();
  const samples: number[] = [];
  const publisher = await RtmpPublisher.publish(url);
  for (const tag of tags.filter(isOpening)) publisher.send(tag);
  for (let loop = 0; loop < loops; loop++) {
    clock.set(startMs + loop * CLIP_MS);
    // The first picture of this repetition ends the last fragment of the one before.
    const stored = loop > 0 ? emulator.events.waitFor('fragment.stored') : undefined;
    for (const { timestampMs, ...tag } of media) {
      if (!publisher.send({ ...tag, timestampMs: timestampMs + loop * CLIP_MS })) await publisher.drained();
    }
    await stored;
    if (loop % SAMPLE_EVERY_FRAGMENTS === 0) samples.push(usedBytes());
    if (loop % (loops / 4) < 1) console.log(`pushed     ${((loop * CLIP_MS) / 60_000).toFixed(0)} minutes`);
  }
  const ended = emulator.events.waitFor('publish.ended');
  await publisher.unpublish();
  await ended;
  return samples;
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * The minimum of each half: memory that is never released is in every sample of the second half. The first samples are
 * from before the code was compiled.
 */
function checkMemory(all: readonly number[]): void {
  const samples = all.slice(Math.ceil(all.length / 10));
  const middle = Math.ceil(samples.length / 2);
  const [first, second] = [Math.min(...samples.slice(0, middle)), Math.min(...samples.slice(middle))];
  const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  console.log(`memory     ${megabytes(first)} MiB in the first half, ${megabytes(second)} MiB in the second`);
  if (second - first > MAX_GROWTH_BYTES) throw new Deviation('memory grows');
}

/** Fragments are named by the clock; the sum of EXTINF must agree with it. */
function checkDrift(playlist: string, loops: number): void {
  const fragments = [...playlist.matchAll(/#EXTINF:([\d.]+),\n(\d+)\.ts/g)].map(([, durationSec, startMs]) => ({
    durationMs: Number(durationSec) * 1000,
    startMs: Number(startMs),
  }));
  if (fragments.length !== loops) throw new Deviation(`${fragments.length} fragments of ${loops} are in the playlist`);
  const [first, second] = fragments;
  if (!first || !second) throw new Deviation('too short to say anything');
  // The clock may have moved on before the first picture had arrived.
  const originMs = second.startMs - first.durationMs;
  let mediaMs = 0;
  let worstMs = 0;
  for (const fragment of fragments) {
    if (fragment !== first) worstMs = Math.max(worstMs, Math.abs(fragment.startMs - originMs - mediaMs));
    mediaMs += fragment.durationMs;
  }
  console.log(`playlist   ${fragments.length} fragments, ${(mediaMs / 1000).toFixed(3)} s, at most ${worstMs} ms off`);
  if (worstMs > FRAME_MS || Math.abs(mediaMs - loops * CLIP_MS) > FRAME_MS) throw new Deviation('the playlist drifts');
}

async function request(method: string, url: string, body?: string): Promise<string> {
  const response = await fetch(url, { method, ...(body !== undefined && { body }) });
  const text = await response.text();
  if (!response.ok) throw new Deviation(`${method} ${url}: ${response.status} ${text}`);
  return text;
}

function configuration(): string {
  const target = `<Type>HLS</Type><FragDuration>${CLIP_MS / 1000}</FragDuration><FragCount>3</FragCount>`;
  return `<LiveChannelConfiguration><Target>${target}</Target></LiveChannelConfiguration>`;
}

async function main(): Promise<void> {
  const values = readOptions(import.meta.url, { hours: positive(2), minutes: positive(undefined) });
  if (values.minutes !== undefined) {
    const isFlat = await soakMixed(values.minutes);
    console.log(isFlat ? '\nThe memory stays flat.' : '\nThe memory grows.');
    process.exitCode = isFlat ? 0 : 1;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  const clock = new ManualClock(Date.now());
  const listening = { host: '127.0.0.1', port: 0, rtmpPort: undefined };
  const emulator = new Emulator({ ...listening, dataDir: folder, buckets: [BUCKET], auth: 'off' }, { clock });
  try {
    await soak(emulator, clock, values.hours);
    console.log('\nAll as expected.');
  } catch (error) {
    console.error(error instanceof Deviation ? `\nDeviation: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await emulator.stop();
    await rm(folder, { recursive: true });
  }
}

await main();
