/** HLS of a stream, recorded or not: the latest fragments, in memory as long as a player requests them. */

import type { Clock, Timer } from '../base/clock.ts';
import { errorStack } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { wait } from '../base/wait.ts';
import { type PlaylistEntry, renderPlaylist, targetDurationSec } from '../recording/playlist/m3u8.ts';
import type {
  FragmentInfo,
  FragmentSink,
  FragmentWriter,
  MuxerFactory,
  Segmenter,
} from '../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../recording/segmenter/segmenting-session.ts';
import type { StreamOutput, WatchableStream } from './watchable.ts';

/** A cut at the first key frame after two seconds; without a key frame, after ten. */
const RULE = { fragDurationMs: 2_000, maxFragDurationMs: 10_000 };
/** Fragments in the playlist. */
const LISTED_FRAGMENTS = 5;
/** Fragments in memory: a player may have an older playlist. RFC 8216, 6.2.2. */
const KEPT_FRAGMENTS = 2 * LISTED_FRAGMENTS;
/** Without a request for this time the window is closed. */
const IDLE_MS = 60_000;
/** How long a request waits for the first fragment. */
const FIRST_FRAGMENT_MS = 12_000;

interface Fragment {
  readonly sequence: number;
  readonly packets: Buffer;
  readonly durationMs: number;
  readonly discontinuity: boolean;
}

export interface HlsDeps {
  /** Real time: the playback of viewers does not follow the clock of the emulator. */
  readonly clock: Clock;
  readonly log: Log;
  readonly muxer: MuxerFactory;
}

/** The windows of all streams that are watched over HLS. */
export class HlsWindows {
  readonly #deps: HlsDeps;
  readonly #windows = new Map<WatchableStream, HlsWindow>();

  constructor(deps: HlsDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the playlist has a fragment; to undefined when there is none in time.
   *
   * @param uriOf the URI of a fragment by its sequence number
   */
  async playlist(stream: WatchableStream, uriOf: (sequence: number) => string): Promise<string | undefined> {
    const window = this.#windows.get(stream) ?? this.#open(stream);
    return (await window.begun()) ? window.playlist(uriOf) : undefined;
  }

  fragment(stream: WatchableStream, sequence: number): Buffer | undefined {
    return this.#windows.get(stream)?.fragment(sequence);
  }

  close(): void {
    for (const window of [...this.#windows.values()]) window.ended();
  }

  #open(stream: WatchableStream): HlsWindow {
    const window = new HlsWindow(stream, this.#deps, () => this.#windows.delete(stream));
    this.#windows.set(stream, window);
    window.begin();
    return window;
  }
}

class HlsWindow implements StreamOutput, FragmentSink {
  readonly #stream: WatchableStream;
  readonly #deps: HlsDeps;
  readonly #onEnded: () => void;
  readonly #segmenter: Segmenter;
  readonly #fragments: Fragment[] = [];
  /** Aborts with the first fragment, and at the end. */
  readonly #begun = new AbortController();
  #nextSequence: number;
  #stop = () => {};
  #idle: Timer | undefined;

  constructor(stream: WatchableStream, deps: HlsDeps, onEnded: () => void) {
    this.#stream = stream;
    this.#deps = deps;
    this.#onEnded = onEnded;
    // Higher than in every earlier window: a player stays at an address, where sequence numbers must not decrease.
    this.#nextSequence = Math.floor(deps.clock.now() / 1000);
    this.#segmenter = createSegmenter({
      rule: RULE,
      muxer: deps.muxer,
      sink: this,
      onDrain: () => {},
      onFailure: (error) => {
        deps.log.error('hls.failed', { error: errorStack(error) });
        this.ended();
      },
    });
  }

  begin(): void {
    this.#stop = this.#stream.watch(this);
    for (const frame of this.#stream.recent()) this.write(frame);
    this.#touch();
  }

  /** Resolves to whether there is a fragment, once that is known. */
  async begun(): Promise<boolean> {
    this.#touch();
    await wait(this.#deps.clock, FIRST_FRAGMENT_MS, this.#begun.signal);
    return this.#fragments.length > 0;
  }

  playlist(uriOf: (sequence: number) => string): string {
    const listed = this.#fragments.slice(-LISTED_FRAGMENTS);
    const entries = listed.map(
      ({ sequence, durationMs, discontinuity }): PlaylistEntry => ({ uri: uriOf(sequence), durationMs, discontinuity }),
    );
    return renderPlaylist({
      mediaSequence: listed[0]?.sequence ?? 0,
      entries,
      ended: false,
      targetDurationSec: targetDurationSec(listed, RULE.fragDurationMs / 1000),
    });
  }

  fragment(sequence: number): Buffer | undefined {
    this.#touch();
    return this.#fragments.find((fragment) => fragment.sequence === sequence)?.packets;
  }

  videoConfig(record: Buffer): void {
    this.#segmenter.videoConfig(record);
  }

  audioConfig(config: Buffer): void {
    this.#segmenter.audioConfig(config);
  }

  write(frame: Parameters<Segmenter['write']>[0]): true {
    this.#segmenter.write(frame);
    return true;
  }

  discontinuity(): void {
    this.#segmenter.discontinuity();
  }

  ended(): void {
    this.#stop();
    this.#idle?.cancel();
    this.#segmenter.destroy();
    this.#begun.abort();
    this.#onEnded();
  }

  open(): FragmentWriter {
    const packets: Buffer[] = [];
    return {
      write: (bytes) => packets.push(Buffer.from(bytes)),
      close: (info) => this.#keep(Buffer.concat(packets), info),
      abort: () => {},
    };
  }

  #keep(packets: Buffer, info: FragmentInfo): void {
    // The first fragment does not continue the fragments that a player may have from an earlier window.
    const discontinuity = info.discontinuity || this.#fragments.length === 0;
    const { durationMs } = info;
    this.#fragments.push({ sequence: this.#nextSequence++, packets, durationMs, discontinuity });
    if (this.#fragments.length > KEPT_FRAGMENTS) this.#fragments.shift();
    this.#begun.abort();
  }

  #touch(): void {
    this.#idle?.cancel();
    this.#idle = this.#deps.clock.setTimeout(() => this.ended(), IDLE_MS);
  }
}
