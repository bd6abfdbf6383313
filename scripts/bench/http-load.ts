import autocannon from 'autocannon';
import { percentile } from './figures.ts';
import type { BenchServer } from './server.ts';

/** A request whose signature has been computed. */
export interface WireRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface Sample {
  readonly requestsPerSec: number;
  /** Requests per second of the server's own CPU time. */
  readonly requestsPerCpuSec: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Sends the requests in turn over some connections, each of which waits for its answer before it sends the next.
 * @throws Error when an answer is not 2xx, because a refusal is fast
 */
export async function measure(
  server: BenchServer,
  requests: readonly WireRequest[],
  { connections, seconds }: LoadOptions,
): Promise<Sample> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const startedCpuMs = server.cpuMs();
  const { non2xx, errors } = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = {
      url: `http://127.0.0.1:${server.port}`,
      connections,
      duration: seconds,
      requests: requests.map(({ method, target, headers, body }) => ({
        method,
        path: target,
        headers,
        ...(body && { body }),
      })),
    };
    const run = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
    // Its own histogram counts whole milliseconds.
    run.on('response', (_client, _status, _sizeBytes, latencyMs) => latenciesMs.push(latencyMs));
  });
  const cpuMs = server.cpuMs() - startedCpuMs;
  const elapsedMs = performance.now() - startedMs;
  if (non2xx + errors > 0 || latenciesMs.length === 0) {
    const [{ method, target } = { method: '', target: '' }] = requests;
    throw new Error(`${method} ${target}: ${non2xx} refusals, ${errors} errors, ${latenciesMs.length} answers`);
  }
  return {
    requestsPerSec: (latenciesMs.length * 1000) / elapsedMs,
    requestsPerCpuSec: (latenciesMs.length * 1000) / cpuMs,
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

/** One request, for data that must exist before the measurement. @throws Error when the answer is not 2xx */
export async function send(
  server: Pick<BenchServer, 'port'>,
  { method, target, headers, body }: WireRequest,
): Promise<string> {
  const url = `http://127.0.0.1:${server.port}${target}`;
  const response = await fetch(url, { method, headers, ...(body && { body: new Uint8Array(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
  return text;
}
