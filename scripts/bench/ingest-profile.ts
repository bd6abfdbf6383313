/**
 * Where the CPU time of ingest goes. It is measured without the profiler, and shared out by what the profiler sees in the time
 * after that: what it costs itself, and what other programs take from a busy machine, is in no line.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type CpuProfile, sourcesByMaps, timeByPart } from './cpu-profile.ts';
import { EVENT_LOOP, OTHER_THREADS, partOfSource, titleOfPart } from './ingest-parts.ts';
import type { IngestTimes } from './ingest-run.ts';
import { emulatorWith } from './ingest-servers.ts';
import { startLoadProcess } from './load-process.ts';
import { type ProcessTimes, processTimes } from './process-tree.ts';

const PROFILER = join(import.meta.dirname, 'profiler.mjs');
const POLL_MS = 20;
/** After the measurement, for the profile to be written. */
const LAST_SEC = 5;

/** Per second of a stream, in milliseconds. */
export interface IngestCpu {
  readonly userMs: number;
  readonly systemMs: number;
  readonly mainThreadMs: number;
  /** By the names of the parts; together they are all of it. */
  readonly partsMs: ReadonlyMap<string, number>;
}

export async function profileIngest(publishers: number, { warmUpSec, seconds }: IngestTimes): Promise<IngestCpu> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-profile-'));
  const profiler = pathToFileURL(PROFILER);
  profiler.searchParams.set('to', folder);
  try {
    const server = await emulatorWith(['--import', profiler.href]).start(join(folder, 'data'), publishers);
    const signal = (answer: string) => signalled(server.pid, join(folder, answer));
    try {
      const load = startLoadProcess(server.publishUrl, publishers, warmUpSec + 2 * seconds + LAST_SEC);
      await load.connected;
      await delay(warmUpSec * 1000);
      const startedMs = performance.now();
      const before = processTimes(server.pid);
      await delay(seconds * 1000);
      const after = processTimes(server.pid);
      const streamSeconds = (publishers * (performance.now() - startedMs)) / 1000;
      await signal('started.json');
      await delay(seconds * 1000);
      const { profile } = await signal('stopped.json');
      const { refused, lost } = await load.report;
      if (refused.length + lost > 0) throw new Error(`${lost} pushes were lost, refused: ${refused.join(', ')}`);
      return shareOut(perStreamSecond(before, after, streamSeconds), profile, publishers);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves to what the profiler answers. */
async function signalled(pid: number, answer: string) {
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(answer)) await delay(POLL_MS);
  return JSON.parse(await readFile(answer, 'utf8'));
}

function perStreamSecond(before: ProcessTimes, after: ProcessTimes, streamSeconds: number): ProcessTimes {
  const per = (of: (times: ProcessTimes) => number) => (of(after) - of(before)) / streamSeconds;
  return {
    userMs: per(({ userMs }) => userMs),
    systemMs: per(({ systemMs }) => systemMs),
    mainThreadMs: per(({ mainThreadMs }) => mainThreadMs),
  };
}

/** What the profiler does not see of the main thread is the event loop's own. @param cpu per second of a stream */
export function shareOut(
  cpu: ProcessTimes,
  profile: CpuProfile,
  publishers: number,
  sourceOf = sourcesByMaps(),
): IngestCpu {
  const { userMs, systemMs, mainThreadMs } = cpu;
  const streamSeconds = (publishers * (profile.endTime - profile.startTime)) / 1e6;
  const seen = [...timeByPart(profile, sourceOf, partOfSource)].map(
    ([part, ms]) => [part, ms / streamSeconds] as const,
  );
  const seenMs = seen.reduce((sum, [, ms]) => sum + ms, 0);
  // On a busy machine a sample may be of a thread that waits for a processor: then there are too many.
  const scale = Math.min(1, mainThreadMs / seenMs);
  const partsMs = new Map(seen.map(([part, ms]) => [titleOfPart(part), scale * ms]));
  partsMs.set(EVENT_LOOP, Math.max(0, mainThreadMs - seenMs));
  partsMs.set(OTHER_THREADS, userMs + systemMs - mainThreadMs);
  return { userMs, systemMs, mainThreadMs, partsMs };
}
