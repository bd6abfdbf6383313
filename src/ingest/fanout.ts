import { parseAacConfig } from '../media/codecs/aac.ts';
import { parseAvcConfig } from '../media/codecs/avc.ts';
import type { Frame } from '../media/frame.ts';
import type { ConfigVerdict } from '../recording/segmenter/segmenter.ts';
import type { FrameOutput, StreamOutput } from '../watch/watchable.ts';
import type { FrameInput } from './intake.ts';
import { RecentFrames } from './recent-frames.ts';

export interface FanoutEvents {
  /** An output needs a pause. Viewers never do. */
  readonly onFull: (output: FrameOutput) => void;
  /** A viewer came or left; whether there are viewers now. */
  readonly onWatched: (isWatched: boolean) => void;
  /** A bug; that viewer gets nothing more. */
  readonly onViewerFailed: (error: unknown) => void;
}

/**
 * Gives every frame to any number of outputs and viewers, which come and go. A late one gets the configuration first.
 * The frames since the latest key frame are kept for viewers that want them too.
 */
export class Fanout implements FrameInput {
  readonly #outputs = new Set<FrameOutput>();
  readonly #viewers = new Set<StreamOutput>();
  readonly #recent = new RecentFrames();
  readonly #events: FanoutEvents;
  #videoConfig: Buffer | undefined;
  #audioConfig: Buffer | undefined;
  #isOver = false;

  constructor(events: FanoutEvents) {
    this.#events = events;
  }

  /** Since the latest key frame; copies. */
  get recent(): readonly Frame[] {
    return this.#recent.frames;
  }

  add(output: FrameOutput): void {
    this.#configure(output);
    this.#outputs.add(output);
  }

  remove(output: FrameOutput): void {
    this.#outputs.delete(output);
  }

  /** Adds a viewer; the returned function removes it. */
  watch(viewer: StreamOutput): () => void {
    this.#configure(viewer);
    this.#viewers.add(viewer);
    this.#events.onWatched(true);
    // A stream can be found until its recording is stored. Later, because the caller does not know the viewer yet.
    if (this.#isOver) queueMicrotask(() => this.end(true));
    return () => {
      this.#viewers.delete(viewer);
      this.#events.onWatched(this.isWatched);
    };
  }

  /** Whether there are viewers. */
  get isWatched(): boolean {
    return this.#viewers.size > 0;
  }

  /** The stream has ended: no frame follows. `isFinal`: the publisher is not expected back. */
  end(isFinal: boolean): void {
    this.#isOver = true;
    this.#toViewers((viewer) => viewer.ended(isFinal));
    this.#viewers.clear();
    this.#outputs.clear();
  }

  videoConfig(record: Buffer): ConfigVerdict {
    if (!parseAvcConfig(record)) return 'unreadable';
    if (this.#videoConfig && !record.equals(this.#videoConfig)) this.#recent.clear();
    this.#videoConfig = Buffer.from(record);
    for (const output of this.#outputs) output.videoConfig(record);
    this.#toViewers((viewer) => viewer.videoConfig(record));
    return 'taken';
  }

  audioConfig(config: Buffer): ConfigVerdict {
    if (!parseAacConfig(config)) return 'unreadable';
    // A late viewer gets the new one first, which does not fit the sound before it.
    if (this.#audioConfig && !config.equals(this.#audioConfig)) this.#recent.clear();
    this.#audioConfig = Buffer.from(config);
    for (const output of this.#outputs) output.audioConfig(config);
    this.#toViewers((viewer) => viewer.audioConfig(config));
    return 'taken';
  }

  /** Always true: an output that must be waited for was given to `onFull`. */
  write(frame: Frame): boolean {
    this.#recent.add(frame);
    for (const output of this.#outputs) {
      if (!output.write(frame)) this.#events.onFull(output);
    }
    this.#toViewers((viewer) => viewer.write(frame));
    return true;
  }

  discontinuity(): void {
    this.#recent.clear();
    for (const output of this.#outputs) output.discontinuity();
    this.#toViewers((viewer) => viewer.discontinuity());
  }

  #configure(output: FrameOutput): void {
    if (this.#videoConfig) output.videoConfig(this.#videoConfig);
    if (this.#audioConfig) output.audioConfig(this.#audioConfig);
  }

  #toViewers(tell: (viewer: StreamOutput) => unknown): void {
    for (const viewer of this.#viewers) {
      try {
        tell(viewer);
      } catch (error) {
        this.#viewers.delete(viewer);
        this.#events.onViewerFailed(error);
      }
    }
  }
}
