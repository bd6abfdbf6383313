/** The playlist of a live stream and its fragments, in memory. Source: RFC 8216, the clauses named below. */
import { type PlaylistEntry, renderPlaylist, targetDurationSec } from '../recording/playlist/m3u8.ts';

/**
 * The least duration of the playlist. Three target durations are required (6.2.2), and players begin so far behind the
 * end. The rest is for Shaka, which gives up its place when it would have left the playlist, had the push gone on: a
 * push that comes back after ten seconds, its first fragment, and the next request.
 */
const LISTED_TARGET_DURATIONS = 5;
const LISTED_MORE_MS = 10_000;
/** What is kept of fragments that left the playlist: a minute at 8 Mbit/s. A push faster than real time has more. */
const MAX_LEFT_BYTES = 64 * 1024 * 1024;
/** A duration within half a second of the target duration is rounded to it (4.3.3.1). */
const ROUNDED_MS = 499;

interface ListedFragment {
  readonly sequence: number;
  readonly packets: Buffer;
  readonly durationMs: number;
  readonly discontinuity: boolean;
}

/** A fragment that is in no playlist any more, but may be in the playlist that a player has. */
interface LeftFragment {
  readonly sequence: number;
  readonly packets: Buffer;
  readonly untilMs: number;
}

/** Numbers that never decrease at an address while a player may be there (6.2.2). */
export interface PlaylistNumbers {
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
}

export interface SlidingPlaylistOptions {
  readonly first: PlaylistNumbers;
  /** The least target duration. */
  readonly minTargetDurationSec: number;
}

export class SlidingPlaylist {
  readonly #minTargetDurationSec: number;
  #listed: ListedFragment[] = [];
  readonly #left: LeftFragment[] = [];
  #leftBytes = 0;
  /** Of the first fragment that is listed. */
  #discontinuitySequence: number;
  #nextSequence: number;
  /** It must not change once a player has it (6.2.1). */
  #targetDurationSec: number | undefined;
  /** The longest duration that the playlist had so far. */
  #longestMs = 0;

  constructor({ first, minTargetDurationSec }: SlidingPlaylistOptions) {
    this.#minTargetDurationSec = minTargetDurationSec;
    this.#nextSequence = first.mediaSequence;
    this.#discontinuitySequence = first.discontinuitySequence;
  }

  get isEmpty(): boolean {
    return this.#listed.length === 0;
  }

  /** In seconds; undefined as long as no player has the playlist. */
  get targetDurationSec(): number | undefined {
    return this.#targetDurationSec;
  }

  /** The longest duration that the playlist had since it began. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** When the last fragment that left is dropped; a time in the past when there is none. */
  get emptyAtMs(): number {
    return this.#left.reduce((latest, { untilMs }) => Math.max(latest, untilMs), Number.NEGATIVE_INFINITY);
  }

  /** The lowest numbers of a playlist that comes after this one at the same address. */
  get next(): PlaylistNumbers {
    const discontinuitySequence = this.#discontinuitySequence + countDiscontinuities(this.#listed);
    return { mediaSequence: this.#nextSequence, discontinuitySequence };
  }

  add(packets: Buffer, lengthMs: number, discontinuity: boolean, nowMs: number): void {
    const durationMs = Math.min(lengthMs, this.#longestEntryMs());
    this.#listed.push({ sequence: this.#nextSequence++, packets, durationMs, discontinuity });
    let totalMs = this.#totalMs();
    const leastMs = LISTED_TARGET_DURATIONS * 1000 * this.#presentTargetDurationSec() + LISTED_MORE_MS;
    for (let [first] = this.#listed; first && totalMs - first.durationMs >= leastMs; [first] = this.#listed) {
      totalMs -= first.durationMs;
      this.#listed.shift();
      this.#leave(first, nowMs);
    }
    this.#longestMs = Math.max(this.#longestMs, totalMs);
    this.#dropOld(nowMs);
  }

  /** The listed fragments leave; the next one begins another playlist. */
  restart(nowMs: number): void {
    for (const fragment of this.#listed) this.#leave(fragment, nowMs);
    this.#listed = [];
    this.#targetDurationSec = undefined;
    this.#longestMs = 0;
  }

  /** @param uriOf the URI of a fragment by its sequence number */
  text(uriOf: (sequence: number) => string, ended: boolean): string {
    this.#targetDurationSec ??= this.#presentTargetDurationSec();
    const entries = this.#listed.map(
      ({ sequence, durationMs, discontinuity }): PlaylistEntry => ({ uri: uriOf(sequence), durationMs, discontinuity }),
    );
    return renderPlaylist({
      mediaSequence: this.#listed[0]?.sequence ?? this.#nextSequence,
      discontinuitySequence: this.#discontinuitySequence,
      targetDurationSec: this.#targetDurationSec,
      entries,
      ended,
    });
  }

  fragment(sequence: number, nowMs: number): Buffer | undefined {
    this.#dropOld(nowMs);
    const isIt = (fragment: { readonly sequence: number }) => fragment.sequence === sequence;
    return (this.#listed.find(isIt) ?? this.#left.find(isIt))?.packets;
  }

  /**
   * A fragment that left stays as long as it and the longest playlist it was in (6.2.2): so long a player may take to
   * come to it.
   */
  #leave(fragment: ListedFragment, nowMs: number): void {
    const { sequence, packets, durationMs, discontinuity } = fragment;
    if (discontinuity) this.#discontinuitySequence++;
    this.#left.push({ sequence, packets, untilMs: nowMs + durationMs + this.#longestMs });
    this.#leftBytes += packets.length;
  }

  #dropOld(nowMs: number): void {
    for (let [first] = this.#left; first; [first] = this.#left) {
      if (first.untilMs > nowMs && this.#leftBytes <= MAX_LEFT_BYTES) return;
      this.#left.shift();
      this.#leftBytes -= first.packets.length;
    }
  }

  #presentTargetDurationSec(): number {
    return this.#targetDurationSec ?? targetDurationSec(this.#listed, this.#minTargetDurationSec);
  }

  /**
   * No entry may be longer than the target duration. The limit of the cutting rule is below; what is longer all the same
   * has a gap, or goes on without pictures.
   */
  #longestEntryMs(): number {
    const targetSec = this.#targetDurationSec;
    return targetSec === undefined ? Number.POSITIVE_INFINITY : targetSec * 1000 + ROUNDED_MS;
  }

  #totalMs(): number {
    return this.#listed.reduce((sum, { durationMs }) => sum + durationMs, 0);
  }
}

function countDiscontinuities(fragments: readonly ListedFragment[]): number {
  return fragments.filter(({ discontinuity }) => discontinuity).length;
}
