/**
 * H.264 access units from length-prefixed NAL units (ISO/IEC 14496-15 clause 5.2) to the byte stream of ITU-T H.264
 * annex B, as ISO/IEC 13818-1 clause 2.14 requires in a transport stream: an access unit delimiter first, and the
 * parameter sets before every picture at which a decoder may start.
 */

import { comesWithoutParameterSets, nalUnitEnd } from '../access-units.ts';
import type { AvcConfig } from '../codecs/avc.ts';
import { NAL, nalType } from '../codecs/nal-unit.ts';

/** primary_pic_type 7 (any slice type), then the stop bit. */
const ACCESS_UNIT_DELIMITER = Buffer.from([0x00, 0x00, 0x00, 0x01, NAL.delimiter, 0xf0]);
const LONG_START_CODE_SIZE_BYTES = 4;
const SHORT_START_CODE_SIZE_BYTES = 3;

/**
 * Converts the access units of one stream, in two steps because the caller needs the size to allocate memory for the
 * result: `measure`, then `write`. Between them the object stores the pieces of this access unit, in arrays that it uses
 * again for the next one.
 *
 * Start codes are as ffmpeg 5.1 writes them (h264_mp4toannexb, then its mpegts muxer), so that the sizes are equal: four
 * bytes for the delimiter, the first NAL unit and parameter sets, three for all others.
 */
export class AnnexBConverter {
  readonly #lengthSizeBytes: number;
  readonly #spsBytes: Buffer;
  readonly #ppsBytes: Buffer;
  /** Piece n is `#sources[n]` from `#starts[n]` to `#ends[n]`, after a start code of `#startCodeSizes[n]` bytes. */
  readonly #sources: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #startCodeSizes: number[] = [];
  #pieceCount = 0;
  #sizeBytes = 0;
  #hasDelimiter = false;
  #hasSps = false;
  #hasPps = false;
  #inPicture = false;
  /** Whether parameter sets come before the picture; undefined until its first SEI. */
  #bringsSets: boolean | undefined;

  constructor(config: AvcConfig) {
    this.#lengthSizeBytes = config.nalLengthSizeBytes;
    this.#spsBytes = withStartCodes(config.sequenceParameterSets);
    this.#ppsBytes = withStartCodes(config.pictureParameterSets);
  }

  /**
   * Plans the conversion of one access unit and returns its size as a byte stream; 0 when there is no NAL unit in it.
   * Empty NAL units are left out, and so are delimiters that are not the first NAL unit and a last NAL unit whose length
   * is more than the bytes that are left.
   */
  measure(data: Buffer, keyFrame: boolean): number {
    this.#pieceCount = this.#sizeBytes = 0;
    this.#hasDelimiter = this.#hasSps = this.#hasPps = this.#inPicture = false;
    this.#bringsSets = undefined;
    let start = this.#lengthSizeBytes;
    while (start < data.length) {
      const end = nalUnitEnd(data, start, this.#lengthSizeBytes);
      if (end > data.length) break;
      if (end > start) this.#planNalUnit(data, start, end, keyFrame);
      start = end + this.#lengthSizeBytes;
    }
    if (this.#pieceCount === 0) return 0;
    return this.#sizeBytes + (this.#hasDelimiter ? 0 : ACCESS_UNIT_DELIMITER.length);
  }

  /** Writes the access unit that was measured last at `start` and returns its end. */
  write(target: Buffer, start: number): number {
    let position = start;
    if (!this.#hasDelimiter) position += ACCESS_UNIT_DELIMITER.copy(target, position);
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      const startCodeSize = this.#startCodeSizes[piece] ?? 0;
      if (startCodeSize > 0) {
        position += startCodeSize;
        if (startCodeSize === LONG_START_CODE_SIZE_BYTES) target[position - 4] = 0x00;
        target[position - 3] = 0x00;
        target[position - 2] = 0x00;
        target[position - 1] = 0x01;
      }
      position += this.#sources[piece]?.copy(target, position, this.#starts[piece], this.#ends[piece]) ?? 0;
    }
    return position;
  }

  #planNalUnit(data: Buffer, start: number, end: number, keyFrame: boolean): void {
    const type = nalType(data[start]);
    // ITU-T H.264 clause 7.4.1.2.3: a delimiter is the first NAL unit of its access unit.
    if (type === NAL.delimiter && this.#pieceCount > 0) return;
    if (!this.#inPicture) this.#planBeforePicture(type, keyFrame, data, end);
    const isLong = this.#pieceCount === 0 || type === NAL.sps || type === NAL.pps;
    this.#plan(data, start, end, isLong ? LONG_START_CODE_SIZE_BYTES : SHORT_START_CODE_SIZE_BYTES);
  }

  /** Records the NAL units before the picture and adds the missing parameter sets. */
  #planBeforePicture(type: number, keyFrame: boolean, data: Buffer, end: number): void {
    switch (type) {
      case NAL.delimiter:
        this.#hasDelimiter = true;
        break;
      case NAL.sps:
        this.#hasSps = true;
        break;
      case NAL.pps:
        // A decoder needs the SPS to read a PPS, so the SPS has to come first.
        this.#planMissingSps();
        this.#hasPps = true;
        break;
      case NAL.sei:
        // A buffering period SEI refers to the SPS, which has to come first. ITU-T H.264 clause D.2.2.
        if (keyFrame && this.#comesWithoutSets(data, end)) this.#planMissingParameterSets();
        break;
      case NAL.idrSlice:
      case NAL.slice:
        this.#inPicture = true;
        // Not only IDR pictures: with open GOPs the key frame is a recovery point, and a fragment begins with it.
        if (keyFrame || type === NAL.idrSlice) this.#planMissingParameterSets();
    }
  }

  /** Looks ahead once: a message may have millions of SEI. */
  #comesWithoutSets(data: Buffer, end: number): boolean {
    this.#bringsSets ??= !comesWithoutParameterSets(data, end, this.#lengthSizeBytes);
    return !this.#bringsSets;
  }

  #planMissingParameterSets(): void {
    this.#planMissingSps();
    if (!this.#hasPps) this.#plan(this.#ppsBytes, 0, this.#ppsBytes.length, 0);
    this.#hasPps = true;
  }

  #planMissingSps(): void {
    if (!this.#hasSps) this.#plan(this.#spsBytes, 0, this.#spsBytes.length, 0);
    this.#hasSps = true;
  }

  #plan(source: Buffer, start: number, end: number, startCodeSize: number): void {
    const piece = this.#pieceCount++;
    this.#sources[piece] = source;
    this.#starts[piece] = start;
    this.#ends[piece] = end;
    this.#startCodeSizes[piece] = startCodeSize;
    this.#sizeBytes += startCodeSize + end - start;
  }
}

function withStartCodes(nalUnits: readonly Buffer[]): Buffer {
  const startCode = Buffer.from([0x00, 0x00, 0x00, 0x01]);
  return Buffer.concat(nalUnits.flatMap((nalUnit) => [startCode, nalUnit]));
}
