import { expect, it } from 'vitest';
import { PacketBuffer } from '../../../src/media/mpeg-ts/packet-buffer.ts';

it('gives the size asked for, out of the same memory while it is large enough', () => {
  const buffer = new PacketBuffer();
  const first = buffer.take(1880);
  const second = buffer.take(188);
  expect([first.length, second.length]).toEqual([1880, 188]);
  expect(second.buffer).toBe(first.buffer);
  expect(buffer.take(18_800).length).toBe(18_800);
});

it('keeps no memory of an exceptionally large unit', () => {
  const buffer = new PacketBuffer();
  const small = buffer.take(188);
  const large = buffer.take(10_000_000);
  expect(large.length).toBe(10_000_000);
  expect(buffer.take(188).buffer).toBe(small.buffer);
});
