import { describe, expect, it } from 'vitest';
import { storeParameterSet } from '../../../src/media/codecs/parameter-sets.ts';

/** A PPS with id 0. */
const PPS = [0x68, 0x80];

describe('a parameter set', () => {
  it('is stored in place of the one with its id, as a copy', () => {
    const sets = { sps: new Map<number, Buffer>(), pps: new Map<number, Buffer>() };
    const first = Buffer.from(PPS);
    expect(storeParameterSet(sets, first)).toBe(true);
    expect(storeParameterSet(sets, first)).toBe(false);
    first.fill(0);
    expect(storeParameterSet(sets, Buffer.from([...PPS, 0x80]))).toBe(true);
    expect([...sets.pps]).toEqual([[0, Buffer.from([...PPS, 0x80])]]);
  });

  it('that fits into no configuration record is not stored', () => {
    const sets = { sps: new Map<number, Buffer>(), pps: new Map<number, Buffer>() };
    const large = Buffer.alloc(0x10000, 0xff);
    large.set(PPS);
    expect(storeParameterSet(sets, large)).toBe(false);
    expect(storeParameterSet(sets, large.subarray(0, 0xffff))).toBe(true);
  });
});
