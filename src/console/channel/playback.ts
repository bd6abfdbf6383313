/** What the player shows: the live playlist, or a VOD playlist that was made of a range. */
import type { Fragment } from '../control-api.ts';

export interface VodSource {
  /** Differs for every playlist that is made, also of the same name. */
  readonly id: string;
  readonly playlistName: string;
  readonly url: string;
  /** What is in it, in order. */
  readonly fragments: readonly Fragment[];
}

/**
 * The same address on the host the page came from, so that it also works through a forwarded port. Addresses with the
 * bucket in the host name stay as they are.
 */
export function throughThisHost(url: string, bucket: string, origin: string): string {
  const { pathname, search } = new URL(url);
  return pathname.startsWith(`/${bucket}/`) ? origin + pathname + search : url;
}

/** When that was recorded which is so far into the playlist. */
export function recordedAtMs(fragments: readonly Fragment[], mediaMs: number): number | undefined {
  let restMs = mediaMs;
  for (const { startMs, durationMs } of fragments) {
    if (restMs <= durationMs) return startMs + restMs;
    restMs -= durationMs;
  }
  return undefined;
}
