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
 * Audio and video of one session -> fragments in `sink`.
 *
 * - Nothing passes before the first key frame that follows a video configuration.
 * - A changed video configuration and `discontinuity()` end the program at once: what follows cannot be decoded, or not
 *   be timed, with what went before.
 * - A changed, new or lost audio configuration ends it at the next key frame: the video goes on, the audio is dropped
 *   until then.
 * - Audio from before a program's first picture is dropped, by its time as well as by its order, so that every fragment
 *   begins with a picture.
 *
 * Records that cannot be read are ignored, and audio that ADTS cannot carry counts as none; so does a frame of audio that
 * is too large for it. `onFailure` is called at most once; `end` still closes the open fragment then,
 * with the packets that came through.
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
  /** The current program and those before it that still have packets on the way. */
  readonly #unfinished = new Set<RunningProgram>();
  #earlierFinished: Promise<void> = Promise.resolve();
  #earlierFragments = 0;
  /** Frames are only taken while it is open. */
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

  /** A muxer that cannot be made, for want of processes or descriptors, fails like one that cannot go on. */
  #tryToBeginProgram(startDtsMs: number): void {
    try {
      if (this.#videoConfig) this.#beginProgram(this.#videoConfig, startDtsMs);
    } catch (error) {
      this.#fail(asError(error));
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

  /** Waits for the rest of the program's packets, and for its turn; then hands over to the program after it. */
  async #finish(program: RunningProgram, muxed: Promise<void>, earlierFinished: Promise<void>): Promise<void> {
    try {
      await muxed;
    } catch (error) {
      this.#fail(asError(error));
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

function asError(error: unknown): Error {
  return toError(error);
}
