import { expect, it } from 'vitest';
import { ContinuityCounters } from '../../../src/media/mpeg-ts/continuity.ts';
import { readPackets } from '../../support/analyser/transport-stream.ts';

const PAYLOAD = 0x10;
const FIELD = 0x20;
const BOTH = 0x30;

function packets(...kinds: readonly (readonly [pid: number, control: number])[]): Buffer {
  return Buffer.concat(
    kinds.map(([pid, control]) => {
      const packet = Buffer.alloc(188, 0xff);
      packet.set([0x47, pid >> 8, pid & 0xff, control | 0x0b, 1, 0]);
      return packet;
    }),
  );
}

it('counts the packets with a payload, for each PID, from call to call', () => {
  const counters = new ContinuityCounters();
  const first = packets([0x100, PAYLOAD], [0x100, BOTH], [0x101, PAYLOAD], [0x100, PAYLOAD]);
  const second = packets([0x100, FIELD], [0x101, PAYLOAD], [0x100, PAYLOAD]);
  for (const each of [first, second]) counters.number(each);
  expect(readPackets(first).map(({ pid, counter }) => [pid, counter])).toEqual([
    [0x100, 0],
    [0x100, 1],
    [0x101, 0],
    [0x100, 2],
  ]);
  // ISO/IEC 13818-1 clause 2.4.3.3: a packet without payload does not raise the counter.
  expect(readPackets(second).map(({ pid, counter }) => [pid, counter])).toEqual([
    [0x100, 2],
    [0x101, 1],
    [0x100, 3],
  ]);
});

it('wraps at 16 and leaves the other bits of a packet alone', () => {
  const counters = new ContinuityCounters();
  const many = packets(...Array.from({ length: 18 }, () => [0x1abc, BOTH] as const));
  counters.number(many);
  expect(readPackets(many).map(({ counter }) => counter)).toEqual(Array.from({ length: 18 }, (_, n) => n % 16));
  expect(readPackets(many).every(({ pid, hasPayload }) => pid === 0x1abc && hasPayload)).toBe(true);
});
