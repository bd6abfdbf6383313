/** Makes fragments of one push for a playlist. */
import type { Frame } from '../media/frame.ts';
import type {
  CuttingRule,
  FragmentInfo,
  FragmentSink,
  FragmentWriter,
  MuxerFactory,
  Segmenter,
} from '../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../recording/segmenter/segmenting-session.ts';
import type { StreamOutput, WatchableStream } from './watchable.ts';

export interface HlsFeedStart {
  readonly stream: WatchableStream;
  /** Its limit may change while the feed runs. */
  readonly rule: CuttingRule;
  readonly muxer: MuxerFactory;
  readonly onFragment: (packets: Buffer, info: FragmentInfo) => void;
  /** The push has ended; its last fragment may follow. */
  readonly onEnded: () => void;
  /** The last fragment was given to `onFragment`. */
  readonly onFlushed: (isFinal: boolean) => void;
  readonly onFailure: (error: Error) => void;
}

export class HlsFeed implements StreamOutput, FragmentSink {
  readonly #start: HlsFeedStart;
  readonly #segmenter: Segmenter;
  #stop = () => {};
  /** A frame came after those that the stream had kept. */
  #isLive = false;
  #ending: Promise<void> | undefined;

  constructor(start: HlsFeedStart) {
    this.#start = start;
    const { rule, muxer, onFailure } = start;
    this.#segmenter = createSegmenter({ rule, muxer, onFailure, sink: this, onDrain: () => {} });
  }

  /** Resolves when the last fragment is there; undefined before the push has ended. */
  get ending(): Promise<void> | undefined {
    return this.#ending;
  }

  begin(): void {
    const { stream } = this.#start;
    this.#stop = stream.watch(this);
    for (const frame of stream.recent()) this.#segmenter.write(frame);
  }

  /** Ends it without a last fragment. */
  close(): void {
    this.#stop();
    this.#segmenter.destroy();
  }

  videoConfig(record: Buffer): void {
    this.#segmenter.videoConfig(record);
  }

  audioConfig(config: Buffer): void {
    this.#segmenter.audioConfig(config);
  }

  write(frame: Frame): true {
    this.#isLive = true;
    this.#segmenter.write(frame);
    return true;
  }

  discontinuity(): void {
    this.#segmenter.discontinuity();
  }

  ended(isFinal: boolean): void {
    this.#stop();
    this.#start.onEnded();
    // A stream can still be found when its push is over, and nothing of it is shown then.
    if (!this.#isLive) this.#segmenter.destroy();
    this.#ending = this.#segmenter.end().then(() => this.#start.onFlushed(isFinal));
  }

  open(): FragmentWriter {
    const packets: Buffer[] = [];
    return {
      write: (bytes) => packets.push(Buffer.from(bytes)),
      close: (info) => this.#start.onFragment(Buffer.concat(packets), info),
      abort: () => {},
    };
  }
}
