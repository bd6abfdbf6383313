/** Decides where one fragment ends and the next begins, in the same way for every muxer. */

import type { TsOutput, TsUnit } from '../../media/frame.ts';
import { PACKET_SIZE_BYTES, TICKS_PER_MS } from '../../media/mpeg-ts/packets.ts';
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
 * Cuts one program into fragments. Units that come before `start` wait, because the fragments of the previous
 * program may not all be closed yet, and a sink takes one fragment at a time.
 */
export class Cutter implements TsOutput {
  readonly #rule: CuttingRule;
  readonly #sink: FragmentSink;
  #waiting: TsUnit[] | undefined = [];
  #discontinuity = false;
  #tables: Buffer = Buffer.alloc(0);
  #open: OpenFragment | undefined;
  #fragmentCount = 0;
  #lastDtsTicks = 0;
  readonly #video = { count: 0, firstDtsTicks: 0, lastDtsTicks: 0, lastStepTicks: 0 };

  constructor(rule: CuttingRule, sink: FragmentSink) {
    this.#rule = rule;
    this.#sink = sink;
  }

  get started(): boolean {
    return this.#waiting === undefined;
  }

  get fragmentCount(): number {
    return this.#fragmentCount;
  }

  /** Releases the waiting units. `discontinuity` marks the first fragment: another program came before it. */
  start(discontinuity: boolean): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#discontinuity = discontinuity;
    for (const unit of waiting) this.#place(unit);
  }

  tables(packets: Buffer): void {
    this.#tables = packets;
  }

  unit(unit: TsUnit): void {
    if (this.#waiting) this.#waiting.push({ ...unit, packets: Buffer.from(unit.packets) });
    else this.#place(unit);
  }

  /** The program is over: closes its last fragment. */
  finish(): void {
    const pictureEndTicks = this.#video.lastDtsTicks + this.#frameStepTicks();
    const isSoundOnly = this.#open !== undefined && pictureEndTicks <= this.#open.startDtsTicks;
    this.#close(isSoundOnly ? this.#lastDtsTicks : pictureEndTicks, false);
  }

  abort(): void {
    this.#waiting = undefined;
    this.#open?.writer.abort();
    this.#open = undefined;
  }

  #place(unit: TsUnit): void {
    const ageMs = this.#open ? (unit.dtsTicks - this.#open.startDtsTicks) / TICKS_PER_MS : 0;
    const { fragDurationMs, maxFragDurationMs } = this.#rule;
    if (unit.track === 'video') {
      if (unit.keyFrame && ageMs >= fragDurationMs) this.#close(unit.dtsTicks, false);
      else if (ageMs >= maxFragDurationMs) this.#close(unit.dtsTicks, true);
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
    this.#write(fragment, numberedTables(this.#tables, this.#fragmentCount));
    this.#fragmentCount++;
    return fragment;
  }

  #write(fragment: OpenFragment, packets: Buffer): void {
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

  /** The smaller one of the average and the last frame step, because a gap makes one of them too large. */
  #frameStepTicks(): number {
    const { count, firstDtsTicks, lastDtsTicks, lastStepTicks } = this.#video;
    if (count < 2) return SINGLE_FRAME_STEP_TICKS;
    return Math.min((lastDtsTicks - firstDtsTicks) / (count - 1), lastStepTicks);
  }
}

/**
 * A copy of the tables with their continuity counter in the n-th fragment of the program. Each table is one packet and
 * is written once per fragment, so the counter is the number of the fragment.
 */
function numberedTables(tables: Buffer, fragmentNumber: number): Buffer {
  const copy = Buffer.from(tables);
  for (let packet = 0; packet < copy.length; packet += PACKET_SIZE_BYTES) {
    copy[packet + 3] = ((copy[packet + 3] ?? 0) & 0xf0) | (fragmentNumber & 0x0f);
  }
  return copy;
}
