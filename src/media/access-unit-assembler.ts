/**
 * Makes access units of H.264 of what encoders put into video messages: one message should be one access unit (Adobe
 * Flash Video File Format 10.1, annex E.4.3), but parameter sets, SEI and delimiters come in messages of their own, the
 * slices of a picture in several, NAL units behind start codes, and the sequence header not at all.
 */
import { accessUnitContent, CONTENT, splitAccessUnit, withLengths } from './access-units.ts';
import { NAL, nalType } from './codecs/nal-unit.ts';
import { firstMacroblock, SLICE, sliceType } from './codecs/slice-header.ts';
import { findNalUnits } from './nal-framing.ts';
import { type ConfigurationOutput, DEFAULT_LENGTH_SIZE_BYTES, VideoConfiguration } from './video-configuration.ts';

/** A picture, or what a message has of it. */
export interface CodedPicture {
  readonly keyFrame: boolean;
  /** Presentation minus decoding time. */
  readonly compositionMs: number;
  /** NAL units, each after its length; in an assembled picture the size of the lengths is that of the configuration. */
  readonly data: Buffer;
}

/** What was wrong with a stream and is right in the assembled one. */
export type VideoMending = 'annex-b' | 'key-frame-flag' | 'length-size' | 'sequence-header' | 'split-picture';

/** Why a picture is of no use: no parameter sets came before it, or no key frame. */
export type VideoLack = 'parameter-sets' | 'key-frame';

export interface AssemblerOutput extends ConfigurationOutput {
  /** The first one is a key frame. `data` is only valid during the call. */
  picture(picture: CodedPicture, timestampMs: number): void;
  dropped(lack: VideoLack, timestampMs: number): void;
  mended(what: VideoMending): void;
}

/** Limits of the NAL units that wait for a picture; the oldest ones are dropped. A picture of 4K has a few hundred bytes. */
const MAX_WAITING_BYTES = 64 * 1024;
const MAX_WAITING_COUNT = 128;
/** Limits of a picture that is put together. Level 6.2 allows 600 slices (ITU-T H.264 table A-1 and clause A.3). */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const MAX_SLICES = 1024;
/** Slices of one picture have one timestamp; this is for rounding. Pictures at 60 per second are 16 ms apart. */
const MAX_SLICES_APART_MS = 10;

/** A message whose content has none of these is passed on as it is. */
const IRREGULAR = CONTENT.misframed | CONTENT.disordered | CONTENT.continuation | CONTENT.severalPictures;

/** A picture whose last slice may not have come yet. */
interface HeldPicture {
  /** The message with its first slice. */
  readonly part: CodedPicture;
  readonly timestampMs: number;
  readonly nalUnits: Buffer[];
  keyFrame: boolean;
  sizeBytes: number;
  sliceCount: number;
  /** first_mb_in_slice of its latest slice; it rises within a picture. */
  lastMacroblock: number;
}

/**
 * The usual message passes through unchanged. NAL units without a slice wait for the next picture. A picture is held
 * until the next one begins if it may be incomplete: the first one; one with fewer slices than the pictures before it;
 * every one after a picture came in several messages.
 */
export class AccessUnitAssembler {
  readonly #output: AssemblerOutput;
  readonly #configuration: VideoConfiguration;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #held: HeldPicture | undefined;
  /** A picture with so many slices is complete. */
  #completeSliceCount = Number.POSITIVE_INFINITY;
  #comesInParts = false;
  #lastTimestampMs: number | undefined;
  #hasBegun = false;
  #hasIdr = false;

  constructor(output: AssemblerOutput) {
    this.#output = output;
    this.#configuration = new VideoConfiguration(output);
  }

  /** The time of the picture that is held; what comes on the other track belongs behind it. */
  get heldTimestampMs(): number | undefined {
    return this.#held?.timestampMs;
  }

  /** Takes the body of a sequence header. Returns whether there was a configuration in it, or a part of one. */
  configure(body: Buffer): boolean {
    this.release();
    return this.#configuration.takeHeader(body);
  }

  /** Takes a message of coded pictures. */
  take(part: CodedPicture, timestampMs: number): void {
    const content = accessUnitContent(part.data, this.#configuration.lengthSizeBytes);
    const sliceCount = content >>> CONTENT.sliceCountShift;
    const isRegular = sliceCount > 0 && (content & this.#irregular) === 0;
    // It begins a picture.
    if (isRegular && this.#held) this.release();
    const isWhole = isRegular && sliceCount >= this.#completeSliceCount;
    if (isWhole && this.#waiting.length === 0) this.#give(part, timestampMs, content);
    else this.#assemble(part, timestampMs);
  }

  /** The picture that is held is complete. */
  release(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    if (!this.#comesInParts) this.#completeSliceCount = held.sliceCount;
    const data = this.#join(held.nalUnits);
    const { keyFrame, part, timestampMs } = held;
    this.#give(
      { keyFrame, compositionMs: part.compositionMs, data },
      timestampMs,
      accessUnitContent(data, this.#configuration.lengthSizeBytes),
    );
  }

  /** The stream is over: what waits belongs to no picture. */
  end(): void {
    this.release();
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Two fields in one message are two pictures, and one frame. */
  get #irregular(): number {
    return this.#configuration.isInterlaced ? IRREGULAR & ~CONTENT.severalPictures : IRREGULAR;
  }

  #assemble(part: CodedPicture, timestampMs: number): void {
    // A copy, because its NAL units may wait for other messages.
    const configuration = this.#configuration;
    const { framing, nalUnits, lengthSizeBytes } = findNalUnits(Buffer.from(part.data), configuration.lengthSizeBytes);
    const isMended = framing === 'annex-b' || (framing === 'length-size' && configuration.hasHeader);
    if (isMended) this.#output.mended(framing);
    // Later it would begin a new program; then the lengths are converted.
    if (!this.#hasBegun) configuration.lengthSizeBytes = lengthSizeBytes;
    for (const nalUnit of nalUnits) {
      switch (nalType(nalUnit[0])) {
        case NAL.slice:
        case NAL.slicePartitionA:
        case NAL.idrSlice:
          this.#takeSlice(nalUnit, part, timestampMs);
          break;
        case NAL.sei:
        case NAL.sps:
        case NAL.pps:
        case NAL.delimiter:
        case NAL.spsExtension:
        case NAL.subsetSps:
          this.#wait(nalUnit);
          break;
        case NAL.slicePartitionB:
        case NAL.slicePartitionC:
        case NAL.auxiliarySlice:
        case NAL.endOfSequence:
        case NAL.endOfStream:
        case NAL.filler:
          if (this.#held?.part === part) this.#append(this.#held, nalUnit);
          break;
        // A decoder ignores all others. ITU-T H.264 clause 7.4.1.
      }
    }
    if (this.#held && this.#held.sliceCount >= this.#completeSliceCount) this.release();
  }

  #takeSlice(nalUnit: Buffer, part: CodedPicture, timestampMs: number): void {
    const macroblock = firstMacroblock(nalUnit);
    const held = this.#held;
    if (held && this.#continues(held, macroblock, part, timestampMs)) {
      if (held.part !== part) this.#noticeParts();
      held.keyFrame ||= part.keyFrame;
      held.sliceCount++;
      held.lastMacroblock = macroblock;
      this.#append(held, nalUnit);
      return;
    }
    if (!held && macroblock > 0 && this.#isCloseToLast(timestampMs)) {
      // The picture was given away before it was known that pictures come in parts.
      this.#noticeParts();
      return;
    }
    this.release();
    this.#held = {
      part,
      timestampMs,
      nalUnits: [...this.#waiting, nalUnit],
      keyFrame: part.keyFrame,
      sizeBytes: this.#waitingBytes + nalUnit.length,
      sliceCount: 1,
      lastMacroblock: macroblock,
    };
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #continues(held: HeldPicture, macroblock: number, part: CodedPicture, timestampMs: number): boolean {
    if (held.sliceCount >= MAX_SLICES || held.sizeBytes >= MAX_PICTURE_BYTES) return false;
    if (held.part === part && macroblock === 0) return this.#configuration.isInterlaced;
    return macroblock > held.lastMacroblock && (held.part === part || isClose(held.timestampMs, timestampMs));
  }

  #isCloseToLast(timestampMs: number): boolean {
    return this.#lastTimestampMs !== undefined && isClose(this.#lastTimestampMs, timestampMs);
  }

  #noticeParts(): void {
    this.#comesInParts = true;
    this.#completeSliceCount = Number.POSITIVE_INFINITY;
    this.#output.mended('split-picture');
  }

  #append(held: HeldPicture, nalUnit: Buffer): void {
    held.nalUnits.push(nalUnit);
    held.sizeBytes += nalUnit.length;
  }

  #wait(nalUnit: Buffer): void {
    this.#waiting.push(nalUnit);
    this.#waitingBytes += nalUnit.length;
    while (this.#waitingBytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_WAITING_COUNT) {
      this.#waitingBytes -= this.#waiting.shift()?.length ?? 0;
    }
  }

  /** The NAL units of one picture in their order, with lengths. */
  #join(nalUnits: readonly Buffer[]): Buffer {
    const ordered = inOrder(nalUnits);
    const data = withLengths(ordered, this.#configuration.lengthSizeBytes);
    if (data) return data;
    this.#configuration.lengthSizeBytes = DEFAULT_LENGTH_SIZE_BYTES;
    return withLengths(ordered, this.#configuration.lengthSizeBytes) ?? Buffer.alloc(0);
  }

  #give(picture: CodedPicture, timestampMs: number, content: number): void {
    this.#lastTimestampMs = timestampMs;
    const keyFrame = this.#isKeyFrame(picture, content);
    const isWrong = keyFrame !== picture.keyFrame;
    if (isWrong) this.#output.mended('key-frame-flag');
    const { compositionMs, data } = picture;
    const flagged = isWrong ? { keyFrame, compositionMs, data } : picture;
    if (!this.#configuration.prepare(data, keyFrame, content)) this.#output.dropped('parameter-sets', timestampMs);
    else if (!this.#hasBegun && !keyFrame) this.#output.dropped('key-frame', timestampMs);
    else {
      this.#hasBegun = true;
      this.#output.picture(flagged, timestampMs);
    }
  }

  /**
   * A stream without IDR pictures has only the flags, and so has one with open groups of pictures: their first picture has
   * I slices, or SEI that says that decoding can begin there. In a stream with IDR pictures, another picture is none.
   */
  #isKeyFrame({ keyFrame, data }: CodedPicture, content: number): boolean {
    if ((content & CONTENT.idr) !== 0) {
      this.#hasIdr = true;
      return true;
    }
    if (!keyFrame || !this.#hasIdr || (content & CONTENT.sei) !== 0) return keyFrame;
    return !isPredicted(splitAccessUnit(data, this.#configuration.lengthSizeBytes));
  }
}

/** Whether the first slice is a P or B slice. */
function isPredicted(nalUnits: readonly Buffer[]): boolean {
  const slice = nalUnits.find((nalUnit) => nalType(nalUnit[0]) === NAL.slice);
  const type = slice && sliceType(slice);
  return type === SLICE.p || type === SLICE.b;
}

/** Delimiter, parameter sets, SEI, then the slices with what follows them. ITU-T H.264 clause 7.4.1.2.3. */
function inOrder(nalUnits: readonly Buffer[]): readonly Buffer[] {
  const isBefore = ({ place }: { readonly place: number }) => place < PLACE.slice;
  const placed = nalUnits.map((nalUnit) => ({ nalUnit, place: placeOf(nalUnit) }));
  const before = placed.filter(isBefore).sort((a, b) => a.place - b.place);
  const slices = placed.filter((each) => !isBefore(each));
  return [...before.map(({ nalUnit }) => nalUnit).filter(isLastOfItsKind), ...slices.map(({ nalUnit }) => nalUnit)];
}

const PLACE = { delimiter: 0, sps: 1, pps: 2, sei: 3, slice: 4 } as const;

function placeOf(nalUnit: Buffer): number {
  switch (nalType(nalUnit[0])) {
    case NAL.delimiter:
      return PLACE.delimiter;
    case NAL.sps:
    case NAL.spsExtension:
    case NAL.subsetSps:
      return PLACE.sps;
    case NAL.pps:
      return PLACE.pps;
    case NAL.sei:
      return PLACE.sei;
    default:
      return PLACE.slice;
  }
}

/** An access unit has one delimiter, and a parameter set counts as it came last. */
function isLastOfItsKind(nalUnit: Buffer, index: number, all: readonly Buffer[]): boolean {
  const type = nalType(nalUnit[0]);
  if (type === NAL.sei) return true;
  return !all.some(
    (other, at) => at > index && nalType(other[0]) === type && (type === NAL.delimiter || other.equals(nalUnit)),
  );
}

/** Timestamps are modulo 2^32. */
function isClose(aMs: number, bMs: number): boolean {
  return Math.abs((bMs - aMs) | 0) <= MAX_SLICES_APART_MS;
}
