import { expect, it } from 'vitest';
import { crc32Mpeg2, programTables } from '../../../src/media/mpeg-ts/psi.ts';

it('has the check value of CRC-32/MPEG-2', () => {
  expect(crc32Mpeg2(Buffer.from('123456789'))).toBe(0x0376e6e7);
});

it('writes PAT and PMT bit by bit as ffmpeg does for the same PIDs', () => {
  const tables = programTables(true);
  expect(tables.length).toBe(2 * 188);
  const pat = '4740001000' + '00b00d0001c10000' + '0001f001' + '2e701905';
  const pmt = '4750011000' + '02b0170001c10000' + 'e100f000' + '1be100f000' + '0fe101f000';
  expect(tables.toString('hex', 0, 21)).toBe(pat);
  expect(tables.toString('hex', 188, 188 + 27)).toBe(pmt);
  // The CRC of a section together with its own CRC is zero.
  expect(crc32Mpeg2(tables.subarray(188 + 5, 188 + 5 + 3 + 0x17))).toBe(0);
  expect(tables.subarray(21, 188).every((byte) => byte === 0xff)).toBe(true);
});

it('lists no audio where there is none', () => {
  const pmt = programTables(false).subarray(188);
  expect(pmt.readUInt16BE(6) & 0x0fff).toBe(0x12);
  expect(crc32Mpeg2(pmt.subarray(5, 5 + 3 + 0x12))).toBe(0);
});

it('gives the PMT a version in five bits, and the PAT none', () => {
  for (const [version, byte] of [
    [1, 0xc3],
    [31, 0xff],
    [32, 0xc1],
  ] as const) {
    const tables = programTables(true, version);
    expect([tables[10], tables[188 + 10]]).toEqual([0xc1, byte]);
    expect(crc32Mpeg2(tables.subarray(188 + 5, 188 + 5 + 3 + 0x17))).toBe(0);
  }
});
