import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Crc64 } from '../../../src/storage/objects/crc64.ts';

/** The definition of the checksum, computed one bit at a time. */
function slowCrc64(bytes: Uint8Array): string {
  const ones = (1n << 64n) - 1n;
  let sum = ones;
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) sum = (sum >> 1n) ^ (sum & 1n ? 0xc96c5795d7870f42n : 0n);
  }
  return (sum ^ ones).toString();
}

/** The same bytes at an offset from the beginning of a word. */
function misalign(bytes: Uint8Array, offset: number): Uint8Array {
  const memory = new Uint8Array(offset + bytes.length);
  memory.set(bytes, offset);
  return memory.subarray(offset);
}

it('has the published check value of CRC-64/XZ', () => {
  expect(new Crc64().update(Buffer.from('123456789')).digest()).toBe(0x995dc9bbdf1939fan.toString());
});

it('of nothing is 0', () => {
  expect(new Crc64().digest()).toBe('0');
});

it('follows the definition, however the bytes are cut and wherever they lie', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat(7), (chunks, misalignment) => {
      const sum = new Crc64();
      for (const chunk of chunks) sum.update(misalign(chunk, misalignment));
      expect(sum.digest()).toBe(slowCrc64(Buffer.concat(chunks)));
    }),
  );
});
