/**
 * `x-oss-traffic-limit`: a transfer that takes its time. Source: "Single-connection bandwidth throttling" page, and those
 * of EC 0004-0000050x. The time is the real one, not that of the emulator: the client measures it.
 */
import type { Clock } from '../../../base/clock.ts';
import { invalidArgument } from '../../../base/errors.ts';
import { wait } from '../../../base/wait.ts';
import { pace } from '../../../http/pace.ts';
import type { Chunks } from '../../../storage/objects/object-store.ts';
import { headerOrParameter } from '../query.ts';
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
export function requestedTrafficLimit(call: Call, { realClock }: Services): TrafficLimit {
  return trafficLimit(headerOrParameter(call, TRAFFIC_LIMIT, TRAFFIC_LIMIT, '0004-00000501'), realClock);
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
    throw invalidArgument(TRAFFIC_LIMIT, bitsPerSec, message, '0004-00000502');
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
