/**
 * The memory of the built command under a mixed load: pushes to channels, a recorded stream and a room, with reconnects; all
 * kinds of writes and deletions; viewers that come and go; refused requests; server-sent events. The resident memory of the
 * process must not grow over the last two thirds of the time.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EmulatorProcess, isRunning, startEmulator } from '../crash/emulator-process.ts';
import { Ledger } from '../crash/ledger.ts';
import { runLoad } from '../crash/load/load.ts';
import { Random } from '../crash/random.ts';
import { bundlePrograms } from '../support/bundle.ts';
import { grows, slopeOf } from './slope.ts';

const SAMPLE_EVERY_MS = 500;
/** The least sample of each of so many equal times is compared, because garbage comes and goes. */
const STEPS = 30;
const KEPT_STEPS = 20;
const BUILDS = fileURLToPath(new URL('../../coverage/', import.meta.url));

/** Resolves to whether the memory stayed flat. */
export async function soakMixed(minutes: number): Promise<boolean> {
  await mkdir(BUILDS, { recursive: true });
  const build = await mkdtemp(join(BUILDS, 'soak-'));
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  try {
    await bundlePrograms(build);
    const args = ['--log-level', 'warn'];
    const emulator = await startEmulator({ folder, program: join(build, 'main.js'), args });
    if (!isRunning(emulator)) throw new Error(emulator.output);
    return report(await measure(emulator, minutes * 60_000), minutes);
  } finally {
    await rm(build, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves to the samples, in MiB. */
async function measure(emulator: EmulatorProcess, durationMs: number): Promise<readonly number[]> {
  const gone = new AbortController();
  const loads = [
    runLoad(emulator.port, new Ledger(), new Random(1), gone.signal),
    ...[watch, stream, listen, beRefused].map((visit) => visitAgain(visit, emulator.port, gone.signal)),
  ];
  const samples: number[] = [];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await delay(SAMPLE_EVERY_MS);
    samples.push(await residentMiB(emulator.pid));
  }
  emulator.signal('SIGTERM');
  gone.abort();
  await emulator.exited;
  await Promise.all(loads);
  return samples;
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

type Visit = (origin: string, signal: AbortSignal) => Promise<unknown>;

/** A client that comes, stays for a moment and goes without saying so, for as long as the emulator is there. */
async function visitAgain(visit: Visit, port: number, gone: AbortSignal): Promise<void> {
  while (!gone.aborted) {
    const stay = AbortSignal.any([gone, AbortSignal.timeout(2_000)]);
    // It ends as the visitor ends it, or because nothing is there at the moment.
    await visit(`http://127.0.0.1:${port}`, stay).catch(() => {});
    await delay(20);
  }
}

async function read(url: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const { body } = await fetch(url, { signal, headers });
  if (body) for await (const _ of body) if (signal.aborted) return;
}

async function watch(origin: string, signal: AbortSignal): Promise<void> {
  await read(`${origin}/examplebucket/cam-a/playlist.m3u8`, signal);
  await read(`${origin}/app/recorded.m3u8`, signal);
}

function stream(origin: string, signal: AbortSignal): Promise<void> {
  return read(`${origin}/app/recorded.flv`, signal);
}

function listen(origin: string, signal: AbortSignal): Promise<void> {
  return read(`${origin}/_emulator/events/stream`, signal);
}

/** Each with another name, so that whatever keeps names would grow. */
async function beRefused(origin: string, signal: AbortSignal): Promise<void> {
  const name = Math.random().toString(36).slice(2);
  await read(`${origin}/${name}/${name}`, signal, {
    authorization: `OSS ${name}:${name}`,
    date: new Date().toUTCString(),
  });
  await read(`${origin}/?Action=${name}&Version=2016-11-01&AccessKeyId=${name}&Signature=${name}`, signal);
  await read(`${origin}/examplebucket/${name}?OSSAccessKeyId=${name}&Expires=1&Signature=${name}`, signal);
}

function report(samples: readonly number[], minutes: number): boolean {
  const size = samples.length / STEPS;
  const lows = Array.from({ length: STEPS }, (_, step) =>
    Math.min(
      ...samples.slice(Math.floor(step * size), Math.max(Math.floor((step + 1) * size), Math.floor(step * size) + 1)),
    ),
  );
  const kept = lows.slice(STEPS - KEPT_STEPS);
  const { perStep, spread, mean } = slopeOf(kept);
  const perMinute = STEPS / minutes;
  console.log(
    `resident   ${lows.map((low) => low.toFixed(0)).join(' ')} MiB (the least of each ${(minutes / STEPS).toFixed(2)} min)`,
  );
  console.log(
    `slope      ${(perStep * perMinute).toFixed(3)} MiB per minute, +- ${(spread * perMinute).toFixed(3)}, over the last ` +
      `${((minutes * KEPT_STEPS) / STEPS).toFixed(1)} minutes; mean ${mean.toFixed(0)} MiB`,
  );
  return !grows(kept);
}
