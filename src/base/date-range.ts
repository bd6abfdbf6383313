import { UsageError } from './errors.ts';

/**
 * The times that a clock can have. Every format in use can write them, and what expires within a year of them: HTTP dates
 * and ISO 8601 have four digits for the year, and request ids begin with the seconds since 1970.
 */
export const EARLIEST_MS = 0;
export const LATEST_MS = Date.UTC(9998, 11, 31, 23, 59, 59, 999);

export const DATE_RANGE = '1970-01-01T00:00:00Z to 9998-12-31T23:59:59Z';

export function isInDateRange(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

/** Whether ISO 8601 writes it with four digits for the year. */
export function isWritableDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15 && /^\d{4}-/.test(new Date(ms).toISOString());
}

/**
 * The time, in milliseconds since the epoch.
 * @throws UsageError when a clock cannot have it
 */
export function checkDateRange(ms: number): number {
  if (isInDateRange(ms)) return ms;
  const shown = Number.isInteger(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms after 1970`;
  throw new UsageError(`${shown} is outside of the range of dates, which is ${DATE_RANGE}.`);
}
