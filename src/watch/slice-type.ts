/** The type of an H.264 slice, the second field of its header. ITU-T H.264 clause 7.3.3. */
import { BitReader } from '../media/codecs/bit-reader.ts';

/** slice_type modulo 5, ITU-T H.264 table 7-6. */
export const SLICE = { p: 0, b: 1, i: 2, sp: 3, si: 4 } as const;

/** first_mb_in_slice and slice_type are Exp-Golomb codes of at most 63 bits each; usually three bytes in total. */
const MAX_HEADER_SIZE_BYTES = 16;

/** slice_type modulo 5 of a slice NAL unit, its header byte included. `undefined` when it is truncated. */
export function sliceType(nalUnit: Uint8Array): number | undefined {
  // Emulation prevention bytes need 22 zero bits in a row: only a picture of 2^21 macroblocks would have them here.
  const reader = new BitReader(nalUnit.subarray(1, MAX_HEADER_SIZE_BYTES));
  reader.unsignedGolomb(); // first_mb_in_slice
  const type = reader.unsignedGolomb();
  return reader.overrun ? undefined : type % 5;
}
