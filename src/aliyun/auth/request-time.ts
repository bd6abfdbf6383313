/** The time at which a request says it was signed, and whether it is close enough to the present. */
import { OssError } from '../../base/errors.ts';

/** How far the clocks of client and service may differ. Source: EC page 0002-00000504. */
export const MAX_SKEW_MS = 900_000;

/** Which clocks the time of a signed request is compared with: the emulator's, or the nearer of that and the real one. */
export const CLOCK_SKEWS = ['either', 'emulated'] as const;
export type ClockSkew = (typeof CLOCK_SKEWS)[number];

/** The present, by the clocks that a client may sign by. */
export interface Present {
  /** By the clock of the emulator. Whatever expires follows it alone. */
  readonly nowMs: number;
  /** By the real clock, which a client has that knows nothing of the other; undefined: only the other counts. */
  readonly realMs?: number | undefined;
}

/** What is known of a request before its signature was checked. */
export interface PresentTarget {
  readonly bucket?: string;
  readonly key?: string;
  readonly app?: string;
  readonly stream?: string;
}

/** A port, filled by the composition: the clocks that count for a request. */
export type ReadPresent = (target: PresentTarget) => Present;

/** How far the clock of a client is ahead of the nearest clock that counts, in milliseconds; negative: behind it. */
export function skewOf(requestMs: number, { nowMs, realMs }: Present): number {
  const aheadMs = requestMs - nowMs;
  if (realMs === undefined) return aheadMs;
  const aheadOfRealMs = requestMs - realMs;
  return Math.abs(aheadOfRealMs) < Math.abs(aheadMs) ? aheadOfRealMs : aheadMs;
}

const ISO_BASIC = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** `20241231T234500Z` in milliseconds since the epoch; undefined when it is anything else. */
export function parseIsoBasic(text: string): number | undefined {
  const parts = ISO_BASIC.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return parseDate(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Either of the forms that clients send: ISO 8601 basic, or an HTTP date (`Tue, 31 Dec 2024 23:45:00 GMT`). */
function parseRequestTime(text: string): number | undefined {
  return parseIsoBasic(text) ?? (HTTP_DATE.test(text) ? parseDate(text) : undefined);
}

/** The time of a header-signed request as text: `x-oss-date`, otherwise `Date`. */
export function requestTimeText(headers: ReadonlyMap<string, string>): string {
  return headers.get('x-oss-date') ?? headers.get('date') ?? '';
}

/**
 * The time of a header-signed request.
 *
 * @throws OssError AccessDenied when there is no valid one, RequestTimeTooSkewed when it is too far from the present
 */
export function checkRequestTime(headers: ReadonlyMap<string, string>, present: Present): number {
  const requestMs = parseRequestTime(requestTimeText(headers));
  if (requestMs === undefined) {
    throw new OssError('AccessDenied', 'OSS authentication requires a valid Date.', {
      ec: '0002-00000502',
      reason: 'neither x-oss-date nor Date is a date such as "20241231T234500Z" or "Tue, 31 Dec 2024 23:45:00 GMT"',
    });
  }
  const skewMs = skewOf(requestMs, present);
  if (Math.abs(skewMs) > MAX_SKEW_MS) {
    const offSec = Math.round(skewMs / 1000);
    throw new OssError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        ec: '0002-00000504',
        details: {
          MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
          RequestTime: isoTime(requestMs),
          ServerTime: isoTime(present.nowMs),
        },
        reason: `the client's clock is ${Math.abs(offSec)} s ${offSec < 0 ? 'behind' : 'ahead of'} ours`,
      },
    );
  }
  return requestMs;
}

/** `2024-12-31T23:45:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `20241231T234500Z`; less than a second is cut off. */
export function isoBasic(ms: number): string {
  return isoTime(ms).replace(/\.\d+/, '').replace(/[-:]/g, '');
}

/** `20241231`, the UTC day. */
export function isoDay(ms: number): string {
  return isoTime(ms).slice(0, 10).replaceAll('-', '');
}

function parseDate(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
