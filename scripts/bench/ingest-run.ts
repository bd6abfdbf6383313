/** One server under one load. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadReport } from '../load/generator.ts';
import { type Verdict, verifyFragments } from './ingest-fragments.ts';
import type { IngestServer, RunningIngestServer } from './ingest-servers.ts';
import { startLoadProcess } from './load-process.ts';
import { treeCpuMs, treePssBytes } from './process-tree.ts';

/**
 * Time until all are connected, the first fragment is over and the code is compiled: later measurements stay the same
 * for hours.
 */
const WARM_UP_SEC = 8;
const SETTLE_MS = 1_000;
const POLL_MS = 50;

export interface IngestResult {
  readonly server: string;
  readonly publishers: number;
  /** Per second of one stream. */
  readonly cpuMs: number;
  readonly idleBytes: number;
  readonly bytesPerStream: number;
  readonly acceptMedianMs: number;
  readonly acceptWorstMs: number;
  readonly firstPlaylistMs: number;
  readonly load: LoadReport;
  readonly verdict: Verdict;
}

export async function runIngest(server: IngestServer, publishers: number, seconds: number): Promise<IngestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
  try {
    const running = await server.start(folder, publishers);
    try {
      return await measure(server.name, running, publishers, seconds);
    } finally {
      await running.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  name: string,
  server: RunningIngestServer,
  publishers: number,
  seconds: number,
): Promise<IngestResult> {
  await delay(SETTLE_MS);
  const idleBytes = treePssBytes(server.pid);
  const load = startLoadProcess(server.publishUrl, publishers, WARM_UP_SEC + seconds);
  const firstPlaylistMs = load.accepted.then(() => timeToPlaylist(server));
  await load.connected;
  await delay(WARM_UP_SEC * 1000);
  const cpuBeforeMs = treeCpuMs(server.pid);
  const startedMs = performance.now();
  // The load ends together with the measured time; its last moment is not counted.
  await delay(seconds * 1000 - SETTLE_MS);
  const streamSeconds = (publishers * (performance.now() - startedMs)) / 1000;
  const cpuMs = (treeCpuMs(server.pid) - cpuBeforeMs) / streamSeconds;
  const bytesPerStream = (treePssBytes(server.pid) - idleBytes) / publishers;
  const report = await load.report;
  await delay(SETTLE_MS);
  const acceptMs = report.acceptMs.toSorted((a, b) => a - b);
  return {
    server: name,
    publishers,
    cpuMs,
    idleBytes,
    bytesPerStream,
    load: report,
    acceptMedianMs: acceptMs[Math.floor(acceptMs.length / 2)] ?? Number.NaN,
    acceptWorstMs: acceptMs.at(-1) ?? Number.NaN,
    firstPlaylistMs: await firstPlaylistMs,
    verdict: await verifyFragments(server, publishers),
  };
}

/** Until the first publisher's playlist lists a fragment. */
async function timeToPlaylist(server: RunningIngestServer): Promise<number> {
  const startedMs = performance.now();
  while (!(await server.playlist(0))?.includes('#EXTINF')) await delay(POLL_MS);
  return performance.now() - startedMs;
}
