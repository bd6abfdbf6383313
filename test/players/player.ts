/** A player that is observed from outside: what a viewer of it has seen so far. */

export interface Seen {
  /** Pictures, decoded or shown: whichever the player counts. */
  readonly pictures: number;
  /** Where it is, in seconds; it need not begin at 0. */
  readonly positionSec: number;
  readonly widthPx: number;
  /** It has stopped by itself, at the end. */
  readonly ended: boolean;
  /** Why it cannot go on. */
  readonly failure: string | undefined;
}

/** One player, ready to play. */
export interface Viewer {
  /** It plays as soon as it can. */
  play(url: string): Promise<void>;
  seen(): Promise<Seen>;
  close(): Promise<void>;
}

export interface Player {
  /** What it does not show before a discontinuity, whoever made the fragments. */
  readonly lostAtDiscontinuitySec?: number;
  /** It does not notice an EXT-X-ENDLIST that comes after everything is played, whoever made the playlist. */
  readonly missesLateEnd?: boolean;
  version(): Promise<string>;
  /** @param endpoint of what it is going to play */
  open(endpoint: string): Promise<Viewer>;
}

const LOOK_EVERY_MS = 100;

/**
 * Resolves when a viewer has seen what is asked for.
 *
 * @throws Error when the player fails, ends, or does not get there in time
 */
export async function watchUntil(viewer: Viewer, fits: (seen: Seen) => boolean, limitMs = 60_000): Promise<Seen> {
  const deadlineMs = Date.now() + limitMs;
  for (;;) {
    const seen = await viewer.seen();
    if (seen.failure !== undefined) throw new Error(`it failed: ${seen.failure} (${JSON.stringify(seen)})`);
    if (fits(seen)) return seen;
    if (seen.ended) throw new Error(`it ended: ${JSON.stringify(seen)}`);
    if (Date.now() > deadlineMs) throw new Error(`it stands still, or is late: ${JSON.stringify(seen)}`);
    // Players have no event for what a viewer sees.
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
