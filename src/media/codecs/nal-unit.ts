/** nal_unit_type, ITU-T H.264 table 7-1. */
export const NAL = { slice: 1, idrSlice: 5, sei: 6, sps: 7, pps: 8, delimiter: 9, filler: 12 } as const;

/** The type of a NAL unit, from its header byte. */
export function nalType(header = 0): number {
  return header & 0x1f;
}
