/** The known facts of a request at any step, for the headers of the answer, the log line and the request log. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Resource } from '../../aliyun/auth/signed-request.ts';
import type { Clock } from '../../base/clock.ts';
import type { OssError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { AnsweredRequest, RestFault } from '../../http/observer.ts';
import { socketAddresses } from '../../net/socket-addresses.ts';
import type { Bucket } from '../../storage/metadata/records.ts';

export interface Trace {
  readonly requestId: string;
  readonly startedMs: number;
  operation?: string;
  resource?: Resource;
  bucket?: Bucket | undefined;
  cors: Readonly<Record<string, string>>;
  refusal?: OssError;
  /** Of the body. */
  document?: Buffer;
  fault?: RestFault | undefined;
}

export interface TraceReporting {
  readonly clock: Clock;
  readonly log: Log;
  readonly onAnswered?: ((request: AnsweredRequest) => void) | undefined;
}

export function beginTrace(nowMs: number): Trace {
  // As at the service: 24 digits, of which the first 8 are the time.
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0')
    .slice(-8);
  const random = randomUUID().replaceAll('-', '').slice(-16);
  return { requestId: `${seconds}${random}`.toUpperCase(), startedMs: nowMs, cors: {} };
}

/** The headers of every answer. */
export function commonHeaders(trace: Trace, elapsedMs: number): Record<string, string> {
  return {
    server: 'AliyunOSS',
    date: new Date(trace.startedMs + elapsedMs).toUTCString(),
    'x-oss-request-id': trace.requestId,
    'x-oss-server-time': String(Math.round(elapsedMs)),
  };
}

/**
 * Writes the log line and calls `onAnswered`.
 * @param cut why the answer is not complete
 */
export function reportTrace(
  request: IncomingMessage,
  headers: ReadonlyMap<string, string>,
  status: number,
  trace: Trace,
  { clock, log, onAnswered }: TraceReporting,
  cut: string | undefined,
): void {
  const { requestId, operation, resource, refusal, document } = trace;
  const { method = '', url = '', socket } = request;
  const bucket = resource?.bucket || undefined;
  const key = resource?.key || undefined;
  const durationMs = Math.max(0, clock.now() - trace.startedMs);
  const { code, ec, reason } = refusal ?? {};
  log.info('request', {
    id: requestId,
    op: operation ?? method,
    bucket,
    key,
    status,
    code,
    ec,
    ms: durationMs,
    reason: cut ?? reason,
  });
  const { remoteAddr } = socketAddresses(socket);
  onAnswered?.({
    requestId,
    remoteAddr,
    method,
    target: url,
    operation,
    bucket,
    key,
    status,
    durationMs,
    refusal,
    headers,
    document,
  });
}
