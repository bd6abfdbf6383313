import * as v from 'valibot';
import { checkDateRange, DATE_RANGE, isInDateRange } from './date-range.ts';
import { UsageError } from './errors.ts';

/** A point in time: ISO 8601, Unix milliseconds, a time before now (`-90m`, `-36h`, `-2d`), or `now`. */
export type Moment = string | number;

const AGO = /^-(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a point in time must be. */
export const MOMENT_FORM = `be an ISO 8601 time or Unix milliseconds (from ${DATE_RANGE}), "now", or ago like "-90m", "-36h", "-2d"`;

const EXPECTATION = `must ${MOMENT_FORM}`;

export const moment = v.pipe(v.union([v.string(), v.number()], EXPECTATION), v.check(isMoment, EXPECTATION));

/**
 * Milliseconds since the epoch.
 *
 * @throws UsageError when the text is not a point in time, or is outside of the range of dates
 */
export function resolveMoment(value: Moment, nowMs: number): number {
  return checkDateRange(readMoment(value, nowMs));
}

function readMoment(value: Moment, nowMs: number): number {
  if (typeof value === 'number') return value;
  if (value === 'now') return nowMs;
  const [, amount, unit = ''] = AGO.exec(value) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (UNIT_MS[unit] ?? 0);
  const parsedMs = parseIsoTime(value);
  if (Number.isNaN(parsedMs)) throw new UsageError(`"${value}" is not a point in time, e.g. 2025-01-01T00:00:00Z.`);
  return parsedMs;
}

/**
 * An ISO 8601 time in milliseconds since the epoch, NaN when it is none. `Date.parse` alone takes `1` for a month, and the
 * 30th of February for the 2nd of March.
 */
export function parseIsoTime(text: string): number {
  const day = text.slice(0, 'yyyy-MM-dd'.length);
  const dayMs = Date.parse(day);
  const isDay = !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(`${day}T`);
  return isDay ? Date.parse(text) : Number.NaN;
}

export function isMoment(value: Moment): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && isInDateRange(value);
  return value === 'now' || AGO.test(value) || isInDateRange(parseIsoTime(value));
}
