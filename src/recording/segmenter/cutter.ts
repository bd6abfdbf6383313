/** Decides where one fragment ends and the next begins, in the same way for every muxer. */

import type { TsOutput, TsUnit } from '../../media/frame.ts';
import { ContinuityCounters } from '../../media/mpeg-ts/continuity.ts';
import { TICKS_PER_MS } from '../../media/mpeg-ts/packets.ts';
import { ProgramClock } from '../../media/mpeg-ts/program-clock.ts';
import { programTables } from '../../media/mpeg-ts/psi.ts';
import type { CuttingRule, FragmentSink, FragmentWriter } from './segmenter.ts';

/**
 * When a cut is due, audio waits this long for a picture, because a fragment should begin with one. After that time the
 * cut is made at an audio frame: otherwise a fragment would grow without end when the video stops.
 */
const SOUND_WAITS_MS = 1_000;

/** Duration of the picture of a program that had only one: 25 frames per second, the default of most encoders. */
const SINGLE_FRAME_STEP_TICKS = 40 * TICKS_PER_MS;

interface OpenFragment {
  readonly writer: FragmentWriter;
  readonly startDtsTicks: number;
  readonly discontinuity: boolean;
  sizeBytes: number;
}

/**
 * Cuts one program into fragments. What the stream of a program must have as a whole, whatever muxers its parts come from,
 * is made here: continuity counters, clock references, versions of the tables.
 */
export class Cutter implements TsOutput {
  readonly #rule: CuttingRule;
  readonly #sink: FragmentSink;
  readonly #counters = new ContinuityCounters();
  readonly #clock = new ProgramClock();
  #discontinuity = false;
  #hasAudio: boolean | undefined;
  #pmtVersion = 0;
  #open: OpenFragment | undefined;
  #fragmentCount = 0;
  #lastDtsTicks = 0;
  readonly #video = { count: 0, firstDtsTicks: 0, lastDtsTicks: 0, lastStepTicks: 0 };
  #keyFrame: { readonly dtsTicks: number; readonly stepTicks: number } | undefined;

  constructor(rule: CuttingRule, sink: FragmentSink) {
    this.#rule = rule;
    this.#sink = sink;
  }

  get fragmentCount(): number {
    return this.#fragmentCount;
  }

  /**
   * Decoding time, in milliseconds, of the picture that will close the open fragment if key frames, and pictures, go on to
   * come as the last two did; the first one at the limit when the key frame did not come. Infinity: there is no fragment.
   */
  get nextCutMs(): number {
    if (!this.#open) return Infinity;
    const { startDtsTicks } = this.#open;
    const { fragDurationMs, maxFragDurationMs } = this.#rule;
    const lastTicks = this.#video.lastDtsTicks;
    const forcedTicks = firstFrom(startDtsTicks + maxFragDurationMs * TICKS_PER_MS, lastTicks, this.#frameStepTicks());
    const keyFrameTicks = this.#nextKeyFrameTicks(startDtsTicks + fragDurationMs * TICKS_PER_MS);
    return (keyFrameTicks > lastTicks ? Math.min(keyFrameTicks, forcedTicks) : forcedTicks) / TICKS_PER_MS;
  }

  /** The first fragment follows one of another program. To be called before the first unit. */
  markDiscontinuity(): void {
    this.#discontinuity = true;
  }

  /** The tables are at the start of every fragment; new ones are also written into a fragment that is open. */
  tables(hasAudio: boolean): void {
    if (hasAudio === this.#hasAudio) return;
    if (this.#hasAudio !== undefined) this.#pmtVersion++;
    this.#hasAudio = hasAudio;
    if (this.#open) this.#writeTables(this.#open);
  }

  unit(unit: TsUnit): void {
    const clockReferences = this.#clock.take(unit, this.#hasAudio === true);
    // They come before the unit, so they belong to the fragment before it if the unit begins the next one.
    if (this.#open && clockReferences.length > 0) this.#write(this.#open, clockReferences);
    this.#place(unit);
  }

  /** The program is over: closes its last fragment. */
  finish(): void {
    const pictureEndTicks = this.#video.lastDtsTicks + this.#frameStepTicks();
    const isSoundOnly = this.#open !== undefined && pictureEndTicks <= this.#open.startDtsTicks;
    this.#close(isSoundOnly ? this.#lastDtsTicks : pictureEndTicks, false);
  }

  abort(): void {
    this.#open?.writer.abort();
    this.#open = undefined;
  }

  #place(unit: TsUnit): void {
    const ageMs = this.#open ? (unit.dtsTicks - this.#open.startDtsTicks) / TICKS_PER_MS : 0;
    const { fragDurationMs, maxFragDurationMs } = this.#rule;
    if (unit.track === 'video') {
      if (unit.keyFrame && ageMs >= fragDurationMs) this.#close(unit.dtsTicks, false);
      else if (ageMs >= maxFragDurationMs) this.#close(unit.dtsTicks, true);
      if (unit.keyFrame) this.#noteKeyFrame(unit.dtsTicks);
      this.#noteVideo(unit.dtsTicks);
    } else if (ageMs >= maxFragDurationMs + SOUND_WAITS_MS) {
      this.#close(unit.dtsTicks, true);
    }
    this.#lastDtsTicks = unit.dtsTicks;
    this.#open ??= this.#begin(unit.dtsTicks);
    this.#write(this.#open, unit.packets);
  }

  #begin(startDtsTicks: number): OpenFragment {
    const discontinuity = this.#discontinuity;
    this.#discontinuity = false;
    const fragment = { writer: this.#sink.open(), startDtsTicks, discontinuity, sizeBytes: 0 };
    this.#writeTables(fragment);
    this.#fragmentCount++;
    return fragment;
  }

  #writeTables(fragment: OpenFragment): void {
    this.#write(fragment, programTables(this.#hasAudio === true, this.#pmtVersion));
  }

  /** Changes the continuity counters in `packets`. */
  #write(fragment: OpenFragment, packets: Buffer): void {
    this.#counters.number(packets);
    fragment.sizeBytes += packets.length;
    fragment.writer.write(packets);
  }

  #close(endDtsTicks: number, forcedCut: boolean): void {
    if (!this.#open) return;
    const { writer, startDtsTicks, discontinuity, sizeBytes } = this.#open;
    this.#open = undefined;
    const durationMs = (endDtsTicks - startDtsTicks) / TICKS_PER_MS;
    writer.close({ durationMs, startDtsTicks, discontinuity, forcedCut, sizeBytes });
  }

  #noteVideo(dtsTicks: number): void {
    if (this.#video.count++ === 0) this.#video.firstDtsTicks = dtsTicks;
    else this.#video.lastStepTicks = dtsTicks - this.#video.lastDtsTicks;
    this.#video.lastDtsTicks = dtsTicks;
  }

  #noteKeyFrame(dtsTicks: number): void {
    this.#keyFrame = { dtsTicks, stepTicks: this.#keyFrame ? dtsTicks - this.#keyFrame.dtsTicks : Infinity };
  }

  #nextKeyFrameTicks(limitTicks: number): number {
    return this.#keyFrame ? firstFrom(limitTicks, this.#keyFrame.dtsTicks, this.#keyFrame.stepTicks) : Infinity;
  }

  /** The smaller one of the average and the last frame step, because a gap makes one of them too large. */
  #frameStepTicks(): number {
    const { count, firstDtsTicks, lastDtsTicks, lastStepTicks } = this.#video;
    if (count < 2) return SINGLE_FRAME_STEP_TICKS;
    return Math.min((lastDtsTicks - firstDtsTicks) / (count - 1), lastStepTicks);
  }
}

/**
 * The first time at or after the limit in a series of times that have the same distance. RTMP rounds them to milliseconds,
 * so a step may be up to one longer than the last one was.
 */
function firstFrom(limitTicks: number, lastTicks: number, stepTicks: number): number {
  const steps = Math.max(1, Math.ceil((limitTicks - lastTicks) / (stepTicks + TICKS_PER_MS)));
  return Math.max(limitTicks, lastTicks + steps * stepTicks);
}
