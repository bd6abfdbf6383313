/** nal_unit_type, ITU-T H.264 table 7-1. */
export const NAL = {
  slice: 1,
  /** Has the slice header; partitions B and C follow it. */
  slicePartitionA: 2,
  slicePartitionB: 3,
  slicePartitionC: 4,
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
  spsExtension: 13,
  subsetSps: 15,
  auxiliarySlice: 19,
  /** Types from here on are not specified by H.264; so is 0. */
  unspecified: 24,
} as const;

/** The type of a NAL unit, from its header byte. */
export function nalType(header = 0): number {
  return header & 0x1f;
}

/** Whether it can be the first byte of a NAL unit: forbidden_zero_bit is 0 and H.264 specifies the type. */
export function isNalHeader(header = 0): boolean {
  const type = nalType(header);
  return header < 0x80 && type > 0 && type < NAL.unspecified;
}
