export interface TimedFragment {
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * How long it was from the start of the first fragment to the end of the last, in the order of recording. Where the clock
 * was set back between two fragments, the length of the first of them counts.
 */
export function recordedTimeMs(fragments: readonly TimedFragment[]): number {
  let spanMs = 0;
  for (const [index, { startMs, durationMs }] of fragments.entries()) {
    const next = fragments[index + 1];
    spanMs += next && next.startMs >= startMs ? next.startMs - startMs : durationMs;
  }
  return spanMs;
}
