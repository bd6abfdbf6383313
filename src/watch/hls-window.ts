/** What HLS players see at one address: from the first request, over the ends of pushes, until nobody can need it. */

import type { Clock, Timer } from '../base/clock.ts';
import { errorStack } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { wait } from '../base/wait.ts';
import type { CuttingRule, MuxerFactory } from '../recording/segmenter/segmenter.ts';
import { HlsFeed } from './hls-feed.ts';
import { type PlaylistNumbers, SlidingPlaylist } from './sliding-playlist.ts';
import type { WatchableStream } from './watchable.ts';

/** A cut at the first key frame after so long. Two seconds, less what encoders round. */
const FRAGMENT_MS = 1_900;
const MIN_TARGET_DURATION_SEC = 2;
/** Without a key frame the first fragments are cut after this time. */
const MAX_FIRST_FRAGMENT_MS = 10_000;
/** How much later fragments may be longer than the target duration, so that the last picture in it still fits. */
const OVER_TARGET_MS = 400;
/** Without a request for this time the window of a live stream is closed. */
const IDLE_MS = 60_000;
/** How long a request waits for the first fragment. */
const FIRST_FRAGMENT_WAIT_MS = 12_000;
/** How much longer than itself an ended playlist stays (RFC 8216, 6.2.2: at least as long as itself). */
const ENDED_MARGIN_MS = 60_000;

export interface HlsWindowDeps {
  /** Real time: the playback of viewers does not follow the clock of the emulator. */
  readonly clock: Clock;
  readonly log: Log;
  readonly muxer: MuxerFactory;
  /** How long the playlist of an ended push waits for another push. */
  readonly graceMs: number;
}

export interface HlsWindowStart {
  readonly first: PlaylistNumbers;
  readonly onClosed: () => void;
}

/**
 * - `live`: fragments are made of a push.
 * - `interrupted`: the push has ended; another one continues the playlist.
 * - `ended`: the playlist is complete; another push begins a new one.
 * - `withdrawn`: there is no playlist; its fragments stay for players that have it.
 * - `closed`: it is forgotten.
 */
type Phase = 'live' | 'interrupted' | 'ended' | 'withdrawn' | 'closed';

export class HlsWindow {
  readonly #deps: HlsWindowDeps;
  readonly #onClosed: () => void;
  readonly #playlist: SlidingPlaylist;
  #phase: Phase = 'withdrawn';
  /** The latest push, and what makes fragments of it. */
  #stream: WatchableStream | undefined;
  #feed: HlsFeed | undefined;
  /** Aborts with the first fragment, and when there will be none. */
  #begun = new AbortController();
  /** Ends the phase. */
  #timer: Timer | undefined;

  constructor({ first, onClosed }: HlsWindowStart, deps: HlsWindowDeps) {
    this.#deps = deps;
    this.#onClosed = onClosed;
    this.#playlist = new SlidingPlaylist({ first, minTargetDurationSec: MIN_TARGET_DURATION_SEC });
  }

  /** The lowest numbers that a later window at the address may have. */
  get next(): PlaylistNumbers {
    return this.#playlist.next;
  }

  /** A player asks while this push can be found: begins a playlist, unless there is one. */
  show(stream: WatchableStream): void {
    if (this.#phase === 'live' || this.#phase === 'interrupted' || this.#stream === stream) return;
    this.#playlist.restart(this.#deps.clock.now());
    this.#begun = new AbortController();
    this.#attach(stream);
  }

  /** A push has come back: it continues a playlist that waits for it. */
  continue(stream: WatchableStream): void {
    if (this.#phase === 'interrupted') this.#attach(stream);
  }

  /**
   * Resolves when the playlist has a fragment; to undefined when there is none in time.
   *
   * @param uriOf the URI of a fragment by its sequence number
   */
  async playlist(uriOf: (sequence: number) => string): Promise<string | undefined> {
    this.#touch();
    await wait(this.#deps.clock, FIRST_FRAGMENT_WAIT_MS, this.#begun.signal);
    await this.#feed?.ending;
    return this.#playlist.isEmpty ? undefined : this.#playlist.text(uriOf, this.#phase === 'ended');
  }

  fragment(sequence: number): Buffer | undefined {
    this.#touch();
    return this.#playlist.fragment(sequence, this.#deps.clock.now());
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#timer?.cancel();
    this.#feed?.close();
    this.#begun.abort();
    this.#onClosed();
  }

  #attach(stream: WatchableStream): void {
    const { muxer, log, clock, graceMs } = this.#deps;
    // What a player has comes from another push, or from an earlier window.
    let isFirst = true;
    this.#phase = 'live';
    this.#stream = stream;
    this.#feed = new HlsFeed({
      stream,
      muxer,
      rule: this.#rule(),
      onFragment: (packets, { durationMs, discontinuity }) => {
        this.#playlist.add(packets, durationMs, discontinuity || isFirst, clock.now());
        isFirst = false;
        this.#begun.abort();
      },
      onEnded: () => this.#enter('interrupted', graceMs, () => this.#end()),
      onFlushed: (isFinal) => this.#flushed(isFinal),
      onFailure: (error) => {
        log.error('hls.failed', { error: errorStack(error) });
        this.close();
      },
    });
    this.#feed.begin();
    this.#touch();
  }

  /** The rule by which no fragment becomes longer than the target duration, once that is known. */
  #rule(): CuttingRule {
    const playlist = this.#playlist;
    return {
      fragDurationMs: FRAGMENT_MS,
      get maxFragDurationMs() {
        const targetSec = playlist.targetDurationSec;
        return targetSec === undefined ? MAX_FIRST_FRAGMENT_MS : targetSec * 1000 + OVER_TARGET_MS;
      },
    };
  }

  /** The last fragment of a push is listed. */
  #flushed(isFinal: boolean): void {
    if (this.#phase === 'interrupted') {
      if (this.#playlist.isEmpty) this.#withdraw();
      else if (isFinal || this.#deps.graceMs === 0) this.#end();
    }
    // Also when the grace was over before: then nothing follows either.
    if (this.#phase !== 'live') this.#begun.abort();
  }

  #end(): void {
    this.#enter('ended', this.#playlist.longestMs + ENDED_MARGIN_MS, () => this.#withdraw());
  }

  #withdraw(): void {
    const nowMs = this.#deps.clock.now();
    this.#playlist.restart(nowMs);
    const leftMs = this.#playlist.emptyAtMs - nowMs;
    if (leftMs <= 0) this.close();
    else this.#enter('withdrawn', leftMs, () => this.close());
  }

  /** A live window stays as long as there are requests. */
  #touch(): void {
    if (this.#phase === 'live') this.#enter('live', IDLE_MS, () => this.close());
  }

  #enter(phase: Phase, forMs: number, then: () => void): void {
    this.#phase = phase;
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.setTimeout(then, forMs);
  }
}
