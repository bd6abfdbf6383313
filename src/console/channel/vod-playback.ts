/** A VOD playlist that was made from a range of the recordings, and how it is played. */
import type { FragmentItem } from '../api-client.ts';

export interface VodSource {
  /** Another one for every playlist that is made, even with the same name. */
  readonly id: string;
  readonly playlistName: string;
  readonly url: string;
  /** The fragments of the playlist, in order. */
  readonly fragments: readonly FragmentItem[];
}

/**
 * The same path on the host of the page, so that it also works through a forwarded port. URLs with the bucket in the
 * host name stay as they are.
 */
export function throughThisHost(url: string, bucket: string, origin: string): string {
  const { pathname, search } = new URL(url);
  return pathname.startsWith(`/${bucket}/`) ? origin + pathname + search : url;
}

/** The time at which a position in the playlist was recorded. */
export function recordedAtMs(fragments: readonly FragmentItem[], mediaMs: number): number | undefined {
  let restMs = mediaMs;
  for (const { startMs, durationMs } of fragments) {
    if (restMs <= durationMs) return startMs + restMs;
    restMs -= durationMs;
  }
  return undefined;
}
