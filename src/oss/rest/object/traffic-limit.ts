/**
 * `x-oss-traffic-limit`: a transfer that takes its time. Source: "Single-connection bandwidth throttling" page, and those
 * of EC 0004-0000050x. The time is the real one, not that of the emulator: the client measures it.
 */
import type { Clock } from '../../../base/clock.ts';
import { invalidArgument, type OssError } from '../../../base/errors.ts';
import { wait } from '../../../base/wait.ts';
import { pace } from '../../../http/pace.ts';
import type { Chunks } from '../../../storage/objects/object-store.ts';
import type { Call, Services } from '../rest-call.ts';

const TRAFFIC_LIMIT = 'x-oss-traffic-limit';
const MIN_BITS_PER_SEC = 819_200;
const MAX_BITS_PER_SEC = 838_860_800;

export interface TrafficLimit {
  /** The bytes, no faster than the limit. */
  pace(bytes: Chunks): Chunks;
  /** Headers of the answer to a write, after its bytes have been received. */
  delayHeaders(): Readonly<Record<string, string>>;
}

const UNLIMITED: TrafficLimit = { pace: (bytes) => bytes, delayHeaders: () => ({}) };

/**
 * The limit that a request sets in a header or in its query.
 *
 * @throws OssError InvalidArgument
 */
export function requestedTrafficLimit({ headers, query }: Call, { realClock }: Services): TrafficLimit {
  const inHeader = headers.get(TRAFFIC_LIMIT);
  const inQuery = query.get(TRAFFIC_LIMIT);
  if (inHeader !== undefined && inQuery !== undefined) {
    throw invalidLimit(inHeader, `${TRAFFIC_LIMIT} must not be in both the headers and the query.`, '0004-00000501');
  }
  return trafficLimit(inHeader ?? inQuery, realClock);
}

/**
 * The limit of this many bits per second; undefined for none.
 *
 * @throws OssError InvalidArgument
 */
export function trafficLimit(bitsPerSec: string | undefined, clock: Clock): TrafficLimit {
  if (bitsPerSec === undefined) return UNLIMITED;
  const limit = /^\d{1,10}$/.test(bitsPerSec) ? Number(bitsPerSec) : 0;
  if (limit < MIN_BITS_PER_SEC || limit > MAX_BITS_PER_SEC) {
    const message = `${TRAFFIC_LIMIT} must be an integer between ${MIN_BITS_PER_SEC} and ${MAX_BITS_PER_SEC}.`;
    throw invalidLimit(bitsPerSec, message, '0004-00000502');
  }
  let delayMs = 0;
  const pause = (pauseMs: number) => {
    delayMs += pauseMs;
    return wait(clock, pauseMs);
  };
  return {
    pace: (bytes) => pace(bytes, limit / 8, pause),
    delayHeaders: () => ({ 'x-oss-qos-delay-time': String(Math.round(delayMs)) }),
  };
}

function invalidLimit(value: string, message: string, ec: string): OssError {
  return invalidArgument(TRAFFIC_LIMIT, value, message, ec);
}
