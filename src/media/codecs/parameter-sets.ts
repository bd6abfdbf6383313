/** The parameter sets of an H.264 stream that are valid now, each under its id. ITU-T H.264 clauses 7.4.2.1 and 7.4.2.2. */
import { type AvcConfig, MAX_SET_SIZE_BYTES } from './avc.ts';
import { BitReader } from './bit-reader.ts';
import { NAL, nalType } from './nal-unit.ts';

export interface ParameterSets {
  readonly sps: Map<number, Buffer>;
  readonly pps: Map<number, Buffer>;
}

/** profile_idc, constraint flags and level_idc come before seq_parameter_set_id. */
const SPS_ID_OFFSET_BYTES = 4;
/** An id is an Exp-Golomb code of at most 17 bits: 31 for an SPS, 255 for a PPS. */
const ID_SIZE_BYTES = 3;
const MAX_ID = { sps: 31, pps: 255 } as const;

export function isParameterSet(nalUnit: Buffer): boolean {
  const type = nalType(nalUnit[0]);
  return type === NAL.sps || type === NAL.pps;
}

/**
 * Stores a copy of a parameter set in place of the one with its id, unless it is too large for a configuration record.
 * Returns whether that changed anything.
 */
export function storeParameterSet({ sps, pps }: ParameterSets, nalUnit: Buffer): boolean {
  if (nalUnit.length > MAX_SET_SIZE_BYTES) return false;
  const isSps = nalType(nalUnit[0]) === NAL.sps;
  const kind = isSps ? sps : pps;
  const idAt = isSps ? SPS_ID_OFFSET_BYTES : 1;
  const reader = new BitReader(nalUnit.subarray(idAt, idAt + ID_SIZE_BYTES));
  const id = reader.unsignedGolomb();
  if (reader.overrun || id > (isSps ? MAX_ID.sps : MAX_ID.pps)) return false;
  if (kind.get(id)?.equals(nalUnit)) return false;
  kind.set(id, Buffer.from(nalUnit));
  return true;
}

/** Whether there are an SPS and a PPS among them. */
export function hasBothKinds(sets: readonly Buffer[]): boolean {
  return [NAL.sps, NAL.pps].every((type) => sets.some(([header]) => nalType(header) === type));
}

/** Whether a configuration has these sets and no other ones. */
export function describesSets(config: AvcConfig, { sps, pps }: ParameterSets): boolean {
  return (
    sameNalUnits(config.sequenceParameterSets, [...sps.values()]) &&
    sameNalUnits(config.pictureParameterSets, [...pps.values()])
  );
}

export function sameNalUnits(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((nalUnit, index) => b[index]?.equals(nalUnit));
}
