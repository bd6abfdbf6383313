import { parseAacConfig } from '../media/codecs/aac.ts';
import { parseAvcConfig } from '../media/codecs/avc.ts';
import type { Frame } from '../media/frame.ts';
import type { ConfigVerdict, Segmenter } from '../recording/segmenter/segmenter.ts';
import type { FrameOutput, StreamOutput } from '../watch/watchable.ts';
import { RecentFrames } from './recent-frames.ts';

/** What an intake feeds. */
export type FrameInput = Pick<Segmenter, 'videoConfig' | 'audioConfig' | 'write' | 'discontinuity'>;

export interface FanoutEvents {
  /** An output asks for a pause. Never a viewer. */
  readonly onFull: (output: FrameOutput) => void;
  /** A bug, which has cost one viewer the rest of the stream. */
  readonly onViewerFailed: (error: unknown) => void;
}

/**
 * Gives what it takes to any number of outputs and viewers, which come and go. One that comes late is told the
 * configuration first; what came since the latest key frame is kept for those who want it too.
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

  addViewer(output: StreamOutput): void {
    this.#configure(output);
    this.#viewers.add(output);
    // A stream is found until what it recorded is stored. Not now: the viewer has not heard yet that it was added.
    if (this.#isOver) queueMicrotask(() => this.end());
  }

  removeViewer(output: StreamOutput): void {
    this.#viewers.delete(output);
  }

  /** Whether there are viewers. */
  get isWatched(): boolean {
    return this.#viewers.size > 0;
  }

  /** There is nothing more to come. */
  end(): void {
    this.#isOver = true;
    this.#toViewers((viewer) => viewer.ended());
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
    this.#audioConfig = Buffer.from(config);
    for (const output of this.#outputs) output.audioConfig(config);
    this.#toViewers((viewer) => viewer.audioConfig(config));
    return 'taken';
  }

  /** Always true: who must be waited for was told to `onFull`. */
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
