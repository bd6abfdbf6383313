import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packetize, packetsSizeBytes, wrapTicks } from '../../../src/media/mpeg-ts/packets.ts';
import { pesPackets, readPackets } from '../../support/analyser/transport-stream.ts';

const PID = 0x101;

function spread(pes: Buffer, clock?: { ticks: number; randomAccess: boolean }) {
  const region = Buffer.alloc(packetsSizeBytes(pes.length, clock !== undefined), 0xee);
  pes.copy(region, region.length - pes.length);
  packetize(region, pes.length, PID, clock);
  return { region };
}

it.each([
  // Payload of one packet is 184 bytes, 176 next to a clock reference.
  [1, false, 1],
  [183, false, 1],
  [184, false, 1],
  [185, false, 2],
  [1, true, 1],
  [176, true, 1],
  [177, true, 2],
  [176 + 184, true, 2],
])('%d bytes (with clock: %s) fill %d packets', (sizeBytes, withClock, packets) => {
  expect(packetsSizeBytes(sizeBytes, withClock)).toBe(packets * 188);
});

it('spreads any PES packet without losing, adding or moving a byte', () => {
  const clock = fc.option(fc.record({ ticks: fc.nat(), randomAccess: fc.boolean() }), { nil: undefined });
  const input = fc.tuple(fc.integer({ min: 1, max: 1200 }), clock);
  fc.assert(
    fc.property(input, ([sizeBytes, clockReference]) => {
      const pes = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 7) & 0xff));
      const { region } = spread(pes, clockReference);
      const packets = readPackets(region);
      expect(pesPackets(region, PID)).toEqual([pes]);
      expect(packets.map(({ startsUnit }) => startsUnit)).toEqual(packets.map((_, index) => index === 0));
      expect(packets[0]?.pcrTicks).toBe(clockReference?.ticks);
      expect(packets[0]?.randomAccess).toBe(clockReference?.randomAccess ?? false);
    }),
    { numRuns: 500 },
  );
});

it('wraps time stamps at 33 bits, on both sides', () => {
  expect([0, 2 ** 33 - 1, 2 ** 33, 2 ** 34 + 5, -1].map(wrapTicks)).toEqual([0, 2 ** 33 - 1, 0, 5, 2 ** 33 - 1]);
  const { region } = spread(Buffer.alloc(10), { ticks: 2 ** 33 + 90, randomAccess: true });
  expect(readPackets(region)[0]?.pcrTicks).toBe(90);
  const last = spread(Buffer.alloc(10), { ticks: 2 ** 33 - 1, randomAccess: false });
  expect(readPackets(last.region)[0]?.pcrTicks).toBe(2 ** 33 - 1);
});
