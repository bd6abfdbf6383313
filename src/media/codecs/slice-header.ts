/** The first fields of an H.264 slice header. ITU-T H.264 clause 7.3.3. */
import { BitReader } from './bit-reader.ts';

/** slice_type modulo 5, ITU-T H.264 table 7-6. */
export const SLICE = { p: 0, b: 1, i: 2, sp: 3, si: 4 } as const;

/** first_mb_in_slice and slice_type are Exp-Golomb codes of at most 63 bits each; usually three bytes in total. */
const MAX_HEADER_SIZE_BYTES = 16;

/** first_mb_in_slice of a slice NAL unit, its header byte included; 0 when it is truncated. */
export function firstMacroblock(nalUnit: Uint8Array): number {
  return headerReader(nalUnit).unsignedGolomb();
}

/** slice_type modulo 5 of a slice NAL unit, its header byte included. `undefined` when it is truncated. */
export function sliceType(nalUnit: Uint8Array): number | undefined {
  const reader = headerReader(nalUnit);
  reader.unsignedGolomb(); // first_mb_in_slice
  const type = reader.unsignedGolomb();
  return reader.overrun ? undefined : type % 5;
}

/** Emulation prevention bytes need 22 zero bits in a row: only a picture of 2^21 macroblocks would have them here. */
function headerReader(nalUnit: Uint8Array): BitReader {
  return new BitReader(nalUnit.subarray(1, MAX_HEADER_SIZE_BYTES));
}
