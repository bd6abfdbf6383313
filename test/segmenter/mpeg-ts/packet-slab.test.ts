import { expect, it } from 'vitest';
import { PacketSlab } from '../../../src/segmenter/mpeg-ts/packet-slab.ts';

it('hands out pieces of the size asked for that never overlap', () => {
  const slab = new PacketSlab();
  const sizes = Array.from({ length: 300 }, (_, index) => 188 * (1 + ((index * 37) % 120)));
  const pieces = sizes.map((sizeBytes, index) => slab.take(sizeBytes).fill(index & 0xff));
  expect(pieces.map(({ length }) => length)).toEqual(sizes);
  expect(pieces.every((piece, index) => piece.every((byte) => byte === (index & 0xff)))).toBe(true);
});

it('shares memory between small pieces, and keeps doing so after a big one', () => {
  const slab = new PacketSlab();
  const [small, big, next] = [slab.take(188), slab.take(1_000_000), slab.take(188)];
  expect(next.buffer).toBe(small.buffer);
  expect(big.buffer).not.toBe(small.buffer);
  expect(next.byteOffset - small.byteOffset).toBe(188);
});
