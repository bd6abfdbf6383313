/** One server under one load. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadReport } from '../load/generator.ts';
import { type Verdict, verifyFragments } from './ingest-fragments.ts';
import type { IngestServer, RunningIngestServer } from './ingest-server.ts';
import { startLoadProcess } from './load-process.ts';
import { treeCpuMs, treePssBytes } from './process-tree.ts';

const SETTLE_MS = 1_000;
/** The load ends this long after the measured time: its last moment is not counted. */
const LAST_SEC = 2;
const POLL_MS = 50;
/** Between the end of a request and the next one. */
const REQUEST_PAUSE_MS = 50;

export interface IngestResult {
  readonly publishers: number;
  /** Per second of one stream. */
  readonly cpuMs: number;
  readonly idleBytes: number;
  readonly bytesPerStream: number;
  readonly acceptMedianMs: number;
  readonly acceptWorstMs: number;
  readonly firstPlaylistMs: number;
  /** Of requests sent meanwhile, one after the other; empty when none were wanted, or the server has no REST side. */
  readonly requestsMs: readonly number[];
  readonly load: LoadReport;
  readonly verdict: Verdict;
}

export interface IngestTimes {
  /** Until the first fragment is over and the code is compiled, after all have connected. */
  readonly warmUpSec: number;
  readonly seconds: number;
  /** Send requests to the REST side meanwhile, which cost it CPU time too. */
  readonly sendsRequests?: boolean;
}

export async function runIngest(server: IngestServer, publishers: number, times: IngestTimes): Promise<IngestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
  try {
    const running = await server.start(folder, publishers);
    try {
      return await measure(running, publishers, times);
    } finally {
      await running.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  server: RunningIngestServer,
  publishers: number,
  { warmUpSec, seconds, sendsRequests = false }: IngestTimes,
): Promise<IngestResult> {
  await delay(SETTLE_MS);
  const idleBytes = treePssBytes(server.pid);
  const load = startLoadProcess(server.publishUrl, publishers, warmUpSec + seconds + LAST_SEC);
  const firstPlaylistMs = load.accepted.then(() => timeToPlaylist(server, load.report));
  await load.connected;
  await delay(warmUpSec * 1000);
  const cpuBeforeMs = treeCpuMs(server.pid);
  const startedMs = performance.now();
  const measured = delay(seconds * 1000);
  const requestsMs = sendsRequests ? await timeRequests(server, measured) : [];
  await measured;
  const streamSeconds = (publishers * (performance.now() - startedMs)) / 1000;
  const cpuMs = (treeCpuMs(server.pid) - cpuBeforeMs) / streamSeconds;
  const bytesPerStream = (treePssBytes(server.pid) - idleBytes) / publishers;
  await server.keep?.();
  const report = await load.report;
  await delay(SETTLE_MS);
  const acceptMs = report.acceptMs.toSorted((a, b) => a - b);
  return {
    publishers,
    cpuMs,
    idleBytes,
    bytesPerStream,
    requestsMs,
    load: report,
    acceptMedianMs: acceptMs[Math.floor(acceptMs.length / 2)] ?? Number.NaN,
    acceptWorstMs: acceptMs.at(-1) ?? Number.NaN,
    firstPlaylistMs: await firstPlaylistMs,
    verdict: await verifyFragments(server, publishers),
  };
}

/** Until the first publisher's playlist lists a fragment; NaN when it never does. */
async function timeToPlaylist(server: RunningIngestServer, end: Promise<unknown>): Promise<number> {
  const isOver = settled(end);
  const startedMs = performance.now();
  while (!(await server.playlist(0))?.includes('#EXTINF')) {
    if (isOver()) return Number.NaN;
    await delay(POLL_MS);
  }
  return performance.now() - startedMs;
}

async function timeRequests(server: RunningIngestServer, end: Promise<unknown>): Promise<readonly number[]> {
  const isOver = settled(end);
  const timesMs: number[] = [];
  while (server.request && !isOver()) {
    const startedMs = performance.now();
    await server.request();
    timesMs.push(performance.now() - startedMs);
    await delay(REQUEST_PAUSE_MS);
  }
  return timesMs;
}

function settled(promise: Promise<unknown>): () => boolean {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  return () => isSettled;
}
