/**
 * The segmenter of a session: decides which frames belong to which program, and has each program muxed and cut, part by
 * part.
 */
import { toError } from '../../base/error-text.ts';
import { parseAacConfig } from '../../media/codecs/aac.ts';
import { parseAvcConfig } from '../../media/codecs/avc.ts';
import type { Frame } from '../../media/frame.ts';
import { adtsAudioConfig, MAX_AAC_FRAME_SIZE_BYTES } from '../../media/mpeg-ts/adts.ts';
import { Cutter } from './cutter.ts';
import { HeldStart } from './held-start.ts';
import { type MuxedPart, MuxingQueue } from './muxing-queue.ts';
import type { ConfigVerdict, CuttingRule, FragmentSink, MuxerEvents, MuxerFactory, Segmenter } from './segmenter.ts';

export interface SegmenterOptions extends MuxerEvents {
  readonly rule: CuttingRule;
  readonly muxer: MuxerFactory;
  readonly sink: FragmentSink;
  /**
   * Called with every picture: media time, in milliseconds, from it to the picture that will close the open fragment.
   * Infinity: that cannot be foreseen.
   */
  readonly onNextCut?: ((inMs: number) => void) | undefined;
}

/** Muxers that may run at a time: a peer must not start any number of processes by changing its configuration. */
const MAX_MUXERS = 16;

/**
 * Makes fragments of the audio and video of one session.
 *
 * - Frames before the first key frame after a video configuration are dropped.
 * - A changed video configuration ends the program at once: the frames after it do not share codec parameters with those
 *   before.
 * - `discontinuity()` ends the program at the next key frame. Until then the frames go on in it: their times do, and the
 *   pictures refer to those before.
 * - Audio without a configuration, or with one that ADTS cannot carry, is dropped. A program whose audio configuration is
 *   not known yet is held back for a short time (`HeldStart`).
 * - An audio configuration takes effect with the next audio frame, with which a new part of the program begins. What ADTS
 *   does not carry is no difference.
 * - A program ends at the next key frame when its first audio configuration is not valid any more: a player can
 *   change its decoder there. The first configuration of a program without audio does not end it.
 * - Audio before the first picture of a program, by its time or by its order, is dropped, so that every fragment begins
 *   with a picture.
 *
 * Records that cannot be read and audio frames that are too large for ADTS are ignored. `onFailure` is called at most
 * once; after it `end` still closes the open fragment, with the packets that exist.
 */
export function createSegmenter(options: SegmenterOptions): Segmenter {
  return new SegmentingSession(options);
}

interface RunningProgram {
  readonly videoConfig: Buffer;
  /** Of its first part with audio. */
  audioConfig: Buffer | undefined;
  readonly startDtsMs: number;
  lastPictureDtsMs: number;
  /** The encoder's clock has jumped: no key frame belongs to the program any more. */
  hasJumped: boolean;
  part: MuxedPart;
}

class SegmentingSession implements Segmenter {
  readonly #options: SegmenterOptions;
  readonly #queue: MuxingQueue;
  #videoConfig: Buffer | undefined;
  /** As `adtsAudioConfig` gives it. */
  #audioConfig: Buffer | undefined;
  /** An AudioSpecificConfig has come, of whatever kind, or a start has waited for one: no start waits any more. */
  #hasWaited = false;
  /** The start of a program; then there is no current one. */
  #held: HeldStart | undefined;
  #current: RunningProgram | undefined;
  /** Frames are ignored unless it is open. */
  #state: 'open' | 'ended' | 'failed' | 'destroyed' = 'open';

  constructor(options: SegmenterOptions) {
    this.#options = options;
    const { muxer, onDrain } = options;
    this.#queue = new MuxingQueue({ muxer, onDrain, onFailure: (error) => this.#fail(toError(error)) });
  }

  videoConfig(record: Buffer): ConfigVerdict {
    if (!parseAvcConfig(record)) return 'unreadable';
    if (!sameBytes(record, this.#videoConfig)) {
      this.#endProgram();
      this.#videoConfig = Buffer.from(record);
    }
    return 'taken';
  }

  audioConfig(config: Buffer): ConfigVerdict {
    const parsed = parseAacConfig(config);
    if (!parsed) return 'unreadable';
    this.#audioConfig = adtsAudioConfig(parsed);
    this.#hasWaited = true;
    this.#release();
    return this.#audioConfig ? 'taken' : 'unsupported';
  }

  discontinuity(): void {
    this.#release();
    if (this.#current) this.#current.hasJumped = true;
  }

  write(frame: Frame): boolean {
    if (this.#state !== 'open') return true;
    if (this.#held?.isOver(frame.dtsMs)) this.#release();
    if (this.#held) {
      if (frame.kind === 'video') this.#held.add(frame);
      return true;
    }
    if (frame.kind === 'audio') return this.#writeAudio(frame);
    if (frame.keyFrame && !this.#isUpToDate()) {
      this.#endProgram();
      if (this.#videoConfig && !this.#hasWaited) {
        this.#held = new HeldStart(frame.dtsMs);
        this.#held.add(frame);
        return true;
      }
      this.#beginProgram(frame.dtsMs);
    }
    return this.#writeVideo(frame);
  }

  async end(): Promise<void> {
    this.#endProgram();
    if (this.#state === 'open') this.#state = 'ended';
    await this.#queue.finished();
  }

  destroy(): void {
    this.#state = 'destroyed';
    this.#held = undefined;
    this.#current = undefined;
    this.#queue.destroy();
  }

  #isUpToDate(): boolean {
    const program = this.#current;
    if (!program || program.hasJumped || !sameBytes(program.videoConfig, this.#videoConfig)) return false;
    return program.audioConfig === undefined || sameBytes(program.audioConfig, this.#audioConfig);
  }

  #writeVideo(frame: Extract<Frame, { kind: 'video' }>): boolean {
    const program = this.#current;
    if (!program) return true;
    program.lastPictureDtsMs = frame.dtsMs;
    const isReady = this.#writeTo(program.part, frame);
    const inMs = program.part.cutter.nextCutMs - frame.dtsMs;
    // A muxer with a queue may have that picture already.
    this.#options.onNextCut?.(inMs > 0 ? inMs : Infinity);
    return isReady;
  }

  #writeAudio(frame: Extract<Frame, { kind: 'audio' }>): boolean {
    const program = this.#current;
    const audioConfig = this.#audioConfig;
    if (!program || !audioConfig) return true;
    if (frame.dtsMs < program.startDtsMs || frame.data.length > MAX_AAC_FRAME_SIZE_BYTES) return true;
    if (!sameBytes(program.part.audioConfig, audioConfig) && !this.#beginPart(program, audioConfig, frame.dtsMs)) {
      return true;
    }
    return this.#writeTo(program.part, frame);
  }

  #writeTo({ muxer, output }: MuxedPart, frame: Frame): boolean {
    const ready = muxer.write(frame);
    return ready && output.isOpen;
  }

  /** A muxer that cannot be started (no processes or file descriptors left) is a failure like one at run time. */
  #beginProgram(startDtsMs: number): void {
    const videoConfig = this.#videoConfig;
    if (!videoConfig || this.#queue.length >= MAX_MUXERS) return;
    const { rule, sink } = this.#options;
    const audio = this.#audioConfig && { audioConfig: this.#audioConfig };
    try {
      const part = this.#queue.begin({ videoConfig, ...audio, startDtsMs }, new Cutter(rule, sink));
      const audioConfig = this.#audioConfig;
      this.#current = { videoConfig, audioConfig, startDtsMs, lastPictureDtsMs: startDtsMs, hasJumped: false, part };
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  /** The rest of the program has another audio configuration. Returns whether the part could begin. */
  #beginPart(program: RunningProgram, audioConfig: Buffer, soundDtsMs: number): boolean {
    if (this.#queue.length >= MAX_MUXERS) return false;
    const { videoConfig, lastPictureDtsMs, part } = program;
    try {
      const startDtsMs = Math.min(soundDtsMs, lastPictureDtsMs);
      program.part = this.#queue.begin({ videoConfig, audioConfig, startDtsMs }, part.cutter);
    } catch (error) {
      this.#fail(toError(error));
      return false;
    }
    program.audioConfig ??= audioConfig;
    this.#queue.end(part, false);
    return true;
  }

  /** Writes the start that was held back: either its audio configuration is known, or it must not wait any longer. */
  #release(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#hasWaited = true;
    this.#beginProgram(held.startDtsMs);
    // What `write` returns is no loss: a muxer that is full returns the same to the next frame.
    for (const frame of held.frames) this.#writeVideo(frame);
  }

  #endProgram(): void {
    this.#release();
    const program = this.#current;
    if (!program) return;
    this.#current = undefined;
    this.#queue.end(program.part, true);
  }

  #fail(error: Error): void {
    if (this.#state === 'failed' || this.#state === 'destroyed') return;
    this.#state = 'failed';
    this.#held = undefined;
    this.#endProgram();
    this.#options.onFailure(error);
  }
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b));
}
