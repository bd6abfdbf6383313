/**
 * The segmenter of a session: decides which frames belong to which program, has each program muxed and cut, and keeps
 * the fragments of successive programs in order.
 */
import { toError } from '../../base/error-text.ts';
import { parseAacConfig } from '../../media/codecs/aac.ts';
import { parseAvcConfig } from '../../media/codecs/avc.ts';
import type { Frame, Program } from '../../media/frame.ts';
import { adtsHeaderTemplate, MAX_AAC_FRAME_SIZE_BYTES } from '../../media/mpeg-ts/adts.ts';
import { Cutter } from './cutter.ts';
import type {
  ConfigVerdict,
  CuttingRule,
  FragmentSink,
  Muxer,
  MuxerEvents,
  MuxerFactory,
  Segmenter,
} from './segmenter.ts';

export interface SegmenterOptions extends MuxerEvents {
  readonly rule: CuttingRule;
  readonly muxer: MuxerFactory;
  readonly sink: FragmentSink;
}

/**
 * Makes fragments of the audio and video of one session.
 *
 * - Frames before the first key frame after a video configuration are dropped.
 * - A changed video configuration and `discontinuity()` end the program at once: the frames after them do not share codec
 *   parameters, or a timeline, with those before.
 * - A changed, new or lost audio configuration ends the program at the next key frame: until then the video continues and
 *   the audio is dropped.
 * - Audio before the first picture of a program, by its time or by its order, is dropped, so that every fragment begins
 *   with a picture.
 *
 * Records that cannot be read, audio that ADTS cannot carry and audio frames that are too large for it are ignored.
 * `onFailure` is called at most once; after it `end` still closes the open fragment, with the packets that exist.
 */
export function createSegmenter(options: SegmenterOptions): Segmenter {
  return new SegmentingSession(options);
}

interface RunningProgram extends Program {
  readonly muxer: Muxer;
  readonly cutter: Cutter;
}

class SegmentingSession implements Segmenter {
  readonly #options: SegmenterOptions;
  #videoConfig: Buffer | undefined;
  #audioConfig: Buffer | undefined;
  #current: RunningProgram | undefined;
  /** The current program, and earlier ones whose muxers have not ended yet. */
  readonly #unfinished = new Set<RunningProgram>();
  #earlierFinished: Promise<void> = Promise.resolve();
  #earlierFragments = 0;
  /** Frames are ignored unless it is open. */
  #state: 'open' | 'ended' | 'failed' | 'destroyed' = 'open';

  constructor(options: SegmenterOptions) {
    this.#options = options;
  }

  videoConfig(record: Buffer): ConfigVerdict {
    if (!parseAvcConfig(record)) return 'unreadable';
    if (!sameBytes(record, this.#videoConfig)) {
      this.#videoConfig = Buffer.from(record);
      this.#endProgram();
    }
    return 'taken';
  }

  audioConfig(config: Buffer): ConfigVerdict {
    const parsed = parseAacConfig(config);
    if (!parsed) return 'unreadable';
    const isSupported = adtsHeaderTemplate(parsed) !== undefined;
    if (!sameBytes(config, this.#audioConfig)) this.#audioConfig = isSupported ? Buffer.from(config) : undefined;
    return isSupported ? 'taken' : 'unsupported';
  }

  discontinuity(): void {
    this.#endProgram();
  }

  write(frame: Frame): boolean {
    if (this.#state !== 'open') return true;
    if (frame.kind === 'video' && frame.keyFrame && !this.#isUpToDate()) this.#tryToBeginProgram(frame.dtsMs);
    const program = this.#current;
    if (!program || !this.#belongs(frame, program)) return true;
    const ready = program.muxer.write(frame);
    return ready && program.cutter.started;
  }

  async end(): Promise<void> {
    if (this.#state === 'open') this.#state = 'ended';
    this.#endProgram();
    await this.#earlierFinished;
  }

  destroy(): void {
    this.#state = 'destroyed';
    this.#current = undefined;
    for (const program of this.#unfinished) {
      program.muxer.destroy();
      program.cutter.abort();
    }
    this.#unfinished.clear();
  }

  #isUpToDate(): boolean {
    const program = this.#current;
    if (!program) return false;
    return sameBytes(program.videoConfig, this.#videoConfig) && sameBytes(program.audioConfig, this.#audioConfig);
  }

  #belongs(frame: Frame, program: RunningProgram): boolean {
    if (frame.kind === 'video') return true;
    if (frame.data.length > MAX_AAC_FRAME_SIZE_BYTES) return false;
    const isDescribed = program.audioConfig !== undefined && sameBytes(program.audioConfig, this.#audioConfig);
    return isDescribed && frame.dtsMs >= program.startDtsMs;
  }

  /** A muxer that cannot be started (no processes or file descriptors left) is a failure like one at run time. */
  #tryToBeginProgram(startDtsMs: number): void {
    try {
      if (this.#videoConfig) this.#beginProgram(this.#videoConfig, startDtsMs);
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #beginProgram(videoConfig: Buffer, startDtsMs: number): void {
    this.#endProgram();
    const { rule, sink, muxer, onDrain } = this.#options;
    const audio = this.#audioConfig && { audioConfig: this.#audioConfig };
    const program: Program = { videoConfig, ...audio, startDtsMs };
    const cutter = new Cutter(rule, sink);
    const events = { onDrain, onFailure: (error: Error) => this.#fail(error) };
    this.#current = { ...program, cutter, muxer: muxer(program, cutter, events) };
    if (this.#unfinished.size === 0) cutter.start(this.#earlierFragments > 0);
    this.#unfinished.add(this.#current);
  }

  #endProgram(): void {
    const program = this.#current;
    if (!program) return;
    this.#current = undefined;
    this.#earlierFinished = this.#finish(program, program.muxer.end(), this.#earlierFinished);
  }

  /** Waits for the last packets of the program and for the programs before it, then starts the cutter of the next one. */
  async #finish(program: RunningProgram, muxed: Promise<void>, earlierFinished: Promise<void>): Promise<void> {
    try {
      await muxed;
    } catch (error) {
      this.#fail(toError(error));
    }
    await earlierFinished;
    if (!this.#unfinished.delete(program)) return;
    program.cutter.finish();
    this.#earlierFragments += program.cutter.fragmentCount;
    const [next] = this.#unfinished;
    if (!next) return;
    next.cutter.start(this.#earlierFragments > 0);
    this.#options.onDrain();
  }

  #fail(error: Error): void {
    if (this.#state === 'failed' || this.#state === 'destroyed') return;
    this.#state = 'failed';
    this.#endProgram();
    this.#options.onFailure(error);
  }
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b));
}
