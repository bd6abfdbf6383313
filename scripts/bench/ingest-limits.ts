/** What keeps a server from carrying the pushes of a run. */
import { percentile } from './figures.ts';
import type { IngestResult } from './ingest-run.ts';

const MAX_LATE_MS = 1_000;
const MAX_REQUEST_MS = 200;
/** Of a core. Beyond it the load generator may send late, and what is measured then is the generator. */
const MAX_LOAD_CPU = 0.8;
/** A fragment is late by what the load is late by, too. */
const MAX_LOAD_LATE_MS = MAX_LATE_MS / 2;

/** Undefined without requests. */
export function slowestPercentMs({ requestsMs }: IngestResult): number | undefined {
  return requestsMs.length === 0 ? undefined : percentile(requestsMs, 0.99);
}

/** How much of a core the load generator used. */
export function loadCpu({ load }: IngestResult): number {
  return load.ownCpuMs / (load.seconds * 1000);
}

/** In a few words each; none when all pushes were carried whole. */
export function limitsOf(result: IngestResult): readonly string[] {
  const { load, verdict } = result;
  const requestMs = slowestPercentMs(result);
  const limits = [
    loadCpu(result) > MAX_LOAD_CPU && `the load generator, with ${(loadCpu(result) * 100).toFixed(0)} % of a core`,
    load.ownLateMs > MAX_LOAD_LATE_MS && `the load generator, which was late by ${load.ownLateMs.toFixed(0)} ms`,
    load.refused.length > 0 && `${load.refused.length} refused (${load.refused[0]})`,
    load.lost > 0 && `${load.lost} connections lost`,
    load.droppedBytes > 0 && `${(load.droppedBytes / 2 ** 20).toFixed(1)} MiB dropped`,
    verdict.worstLateMs >= MAX_LATE_MS && `a fragment late by ${(verdict.worstLateMs / 1000).toFixed(1)} s`,
    verdict.faults.length > 0 && `${verdict.faults.length} faults in fragments (${verdict.faults[0]})`,
    requestMs !== undefined && requestMs >= MAX_REQUEST_MS && `REST p99 ${requestMs.toFixed(0)} ms`,
  ];
  return limits.filter((limit) => limit !== false);
}
