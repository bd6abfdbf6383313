import { describe, expect, it } from 'vitest';
import { PacketHistory } from '../../src/watch/packet-history.ts';

function payload(text: string): { prefix: Buffer; body: Buffer } {
  return { prefix: Buffer.from(text.slice(0, 1)), body: Buffer.from(text.slice(1)) };
}

describe('the history of a track', () => {
  it('holds the packets of each frame, the last one marked', () => {
    const history = new PacketHistory(8, 16);
    history.add([payload('ab'), payload('cd')], 90);
    history.add([payload('e')], 180);
    const packets = [0, 1, 2].map((number) => history.at(number));
    expect(packets.map((packet) => packet?.payload.toString())).toEqual(['ab', 'cd', 'e']);
    expect(packets.map((packet) => packet?.marker)).toEqual([false, true, true]);
    expect(packets.map((packet) => packet?.frame)).toEqual([0, 0, 1]);
    expect(packets.map((packet) => packet?.ticks)).toEqual([90, 90, 180]);
    expect(history.at(3)).toBeUndefined();
  });

  it('forgets the oldest, and takes copies', () => {
    const history = new PacketHistory(3, 16);
    const body = Buffer.from('x0');
    for (let number = 0; number < 5; number++) {
      body.write(String(number), 1);
      history.add([{ prefix: Buffer.alloc(0), body }], number);
    }
    expect([history.start, history.end]).toEqual([2, 5]);
    expect([1, 2, 3, 4].map((number) => history.at(number)?.payload.toString())).toEqual([undefined, 'x2', 'x3', 'x4']);
  });
});
