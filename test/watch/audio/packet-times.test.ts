import { describe, expect, it } from 'vitest';
import { PacketTimes } from '../../../src/watch/audio/packet-times.ts';

const MS = 48;
const PACKET = 960;

/** The offsets of the packets' times when those of the stream are wrong by `offMs` milliseconds. */
function offsets(count: number, offMs: (packet: number) => number): readonly number[] {
  const times = new PacketTimes();
  return Array.from({ length: count }, (_, packet) => {
    const counted = 4800 + packet * PACKET;
    return (times.ticksOf(counted + offMs(packet) * MS) - counted) / MS;
  });
}

describe('PacketTimes', () => {
  it('begins where the stream begins, before zero too, in whole ticks', () => {
    expect(new PacketTimes().ticksOf(-312)).toBe(-312);
    expect(new PacketTimes().ticksOf(1000.4)).toBe(1000);
  });

  it('makes no gaps of jitter', () => {
    expect(new Set(offsets(500, (packet) => (packet === 0 ? 0 : (packet * 7) % 19)))).toEqual(new Set([0]));
    // A single time that is far off is ignored.
    expect(new Set(offsets(500, (packet) => (packet % 20 === 19 ? 90 : 0)))).toEqual(new Set([0]));
  });

  it('jumps at once with the stream, in either direction', () => {
    expect(offsets(6, (packet) => (packet < 3 ? 0 : 101))).toEqual([0, 0, 0, 101, 101, 101]);
    expect(offsets(6, (packet) => (packet < 3 ? 0 : -5000))).toEqual([0, 0, 0, -5000, -5000, -5000]);
  });

  it('believes a smaller difference after half a second', () => {
    const late = offsets(100, (packet) => (packet < 10 ? 0 : 40));
    expect(late.indexOf(40)).toBe(34);
    expect(late.slice(34)).toEqual(new Array(66).fill(40));
  });

  it('stays within 20 ms of a clock that drifts, but for half a second', () => {
    // One part in 500: 40 ms in 20 s.
    const drifting = offsets(1000, (packet) => packet * 0.04);
    expect(drifting.every((offset, packet) => Math.abs(offset - packet * 0.04) <= 21.1)).toBe(true);
  });
});
