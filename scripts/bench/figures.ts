/** What the rounds of a benchmark say together. */

/** The mean of the middle two, where they are an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const lower = sorted[Math.floor(middle)] ?? Number.NaN;
  const upper = sorted[Math.ceil(middle)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** @param share from 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The lowest quarter of the values, and the highest, are no part of their spread: how many each. */
export function leftOut(count: number): number {
  return Math.floor(count / 4);
}

/**
 * How far the values are apart, without the lowest and the highest quarter, as a share of their median: infinite where that is 0
 * and they differ. So more rounds tell more, and one in which the machine did something else tells nothing. Undefined for fewer
 * than two, which say nothing about it.
 */
export function spread(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const left = leftOut(values.length);
  if (values.some(Number.isNaN)) return Number.NaN;
  const counted = values.toSorted((a, b) => a - b).slice(left, values.length - left);
  const range = Math.max(...counted) - Math.min(...counted);
  return range === 0 ? 0 : range / median(values);
}
