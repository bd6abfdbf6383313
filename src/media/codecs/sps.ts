/** The sequence parameter set of H.264: the fields that describe the picture. ITU-T H.264 clause 7.3.2.1.1. */
import { BitReader } from './bit-reader.ts';
import { NAL, nalType } from './nal-unit.ts';

export interface SequenceParameterSet {
  readonly profileIdc: number;
  /** constraint_set0_flag is the most significant bit. */
  readonly constraintFlags: number;
  /** Ten times the level: 31 is level 3.1. */
  readonly levelIdc: number;
  /** After cropping. */
  readonly widthPx: number;
  /** After cropping, of a whole frame (both fields). */
  readonly heightPx: number;
  /** frame_mbs_only_flag is 0: a picture may be a field. */
  readonly interlaced: boolean;
  /** Frames per second, when the VUI has timing information. */
  readonly frameRate?: number;
}

/** profile_idc values that carry the chroma format and scaling lists. ITU-T H.264 clause 7.3.2.1.1. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The longest side level 6.2 allows is sqrt(8 x 139264) macroblocks (ITU-T H.264 table A-1): a larger value is invalid. */
const MAX_SIDE_MACROBLOCKS = 1055;

const EXTENDED_SAR = 255;

/** Parses an SPS NAL unit, its header byte included. `undefined` when it is not one or is truncated. */
export function parseSequenceParameterSet(nalUnit: Uint8Array): SequenceParameterSet | undefined {
  if (nalType(nalUnit[0]) !== NAL.sps) return undefined;
  const reader = new BitReader(withoutEmulationPrevention(nalUnit.subarray(1)));
  const profileIdc = reader.bits(8);
  const constraintFlags = reader.bits(8);
  const levelIdc = reader.bits(8);
  reader.unsignedGolomb(); // seq_parameter_set_id
  const chroma = HIGH_PROFILES.has(profileIdc)
    ? readHighProfileFields(reader)
    : { formatIdc: 1, separatePlanes: false };
  skipFrameNumberAndOrder(reader);
  const size = readPictureSize(reader, chroma.separatePlanes ? 0 : chroma.formatIdc);
  // Some encoders end the set before its VUI: the size is still good, only the frame rate is unknown.
  if (!size || reader.overrun) return undefined;
  const frameRate = reader.flag() ? readFrameRate(reader) : undefined;
  return { profileIdc, constraintFlags, levelIdc, ...size, ...(frameRate === undefined ? {} : { frameRate }) };
}

/** NAL unit payload to RBSP: removes the 3 of every 0 0 3. ITU-T H.264 clause 7.4.1.1. */
function withoutEmulationPrevention(payload: Uint8Array): Uint8Array {
  const rbsp = new Uint8Array(payload.length);
  let size = 0;
  let zeros = 0;
  for (const byte of payload) {
    const isEmulationPrevention = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (!isEmulationPrevention) rbsp[size++] = byte;
  }
  return rbsp.subarray(0, size);
}

function readHighProfileFields(reader: BitReader): { formatIdc: number; separatePlanes: boolean } {
  const formatIdc = reader.unsignedGolomb();
  const separatePlanes = formatIdc === 3 && reader.flag();
  reader.unsignedGolomb(); // bit_depth_luma_minus8
  reader.unsignedGolomb(); // bit_depth_chroma_minus8
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) {
    const listCount = formatIdc === 3 ? 12 : 8;
    for (let list = 0; list < listCount; list++) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return { formatIdc, separatePlanes };
}

/** ITU-T H.264 clause 7.3.2.1.1.1: a zero scale ends the explicit part of the list. */
function skipScalingList(reader: BitReader, size: number): void {
  let lastScale = 8;
  for (let index = 0; index < size; index++) {
    const nextScale = (lastScale + reader.signedGolomb() + 256) % 256;
    if (nextScale === 0) return;
    lastScale = nextScale;
  }
}

function skipFrameNumberAndOrder(reader: BitReader): void {
  reader.unsignedGolomb(); // log2_max_frame_num_minus4
  const orderType = reader.unsignedGolomb();
  if (orderType === 0) {
    reader.unsignedGolomb(); // log2_max_pic_order_cnt_lsb_minus4
  } else if (orderType === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    reader.signedGolomb(); // offset_for_non_ref_pic
    reader.signedGolomb(); // offset_for_top_to_bottom_field
    const cycle = Math.min(reader.unsignedGolomb(), 255);
    for (let index = 0; index < cycle; index++) reader.signedGolomb();
  }
  reader.unsignedGolomb(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
}

/** `chromaArrayType` is 0 for monochrome and for separately coded planes. ITU-T H.264 equations 7-19 to 7-22. */
function readPictureSize(
  reader: BitReader,
  chromaArrayType: number,
): { widthPx: number; heightPx: number; interlaced: boolean } | undefined {
  const widthMacroblocks = reader.unsignedGolomb() + 1;
  const heightMapUnits = reader.unsignedGolomb() + 1;
  const fieldsPerFrame = reader.flag() ? 1 : 2;
  if (fieldsPerFrame === 2) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const heightMacroblocks = heightMapUnits * fieldsPerFrame;
  if (Math.max(widthMacroblocks, heightMacroblocks) > MAX_SIDE_MACROBLOCKS) return undefined;

  let widthPx = widthMacroblocks * 16;
  let heightPx = heightMacroblocks * 16;
  if (reader.flag()) {
    const cropUnitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
    const cropUnitY = (chromaArrayType === 1 ? 2 : 1) * fieldsPerFrame;
    widthPx -= cropUnitX * (reader.unsignedGolomb() + reader.unsignedGolomb());
    heightPx -= cropUnitY * (reader.unsignedGolomb() + reader.unsignedGolomb());
  }
  return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx, interlaced: fieldsPerFrame === 2 } : undefined;
}

/** VUI parameters up to the timing information. ITU-T H.264 clause E.1.1; a frame is two ticks long. */
function readFrameRate(reader: BitReader): number | undefined {
  if (reader.flag() && reader.bits(8) === EXTENDED_SAR) reader.skip(32);
  if (reader.flag()) reader.skip(1); // overscan_appropriate_flag
  if (reader.flag()) {
    reader.skip(4); // video_format, video_full_range_flag
    if (reader.flag()) reader.skip(24); // color primaries, transfer characteristics, matrix coefficients
  }
  if (reader.flag()) {
    reader.unsignedGolomb(); // chroma_sample_loc_type_top_field
    reader.unsignedGolomb(); // chroma_sample_loc_type_bottom_field
  }
  if (!reader.flag()) return undefined;
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  if (reader.overrun || unitsInTick === 0 || timeScale === 0) return undefined;
  return timeScale / (2 * unitsInTick);
}
