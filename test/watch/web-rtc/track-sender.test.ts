import { describe, expect, it } from 'vitest';
import { PacketHistory } from '../../../src/watch/packet-history.ts';
import type { SealRtp } from '../../../src/watch/web-rtc/srtp.ts';
import { TrackSender } from '../../../src/watch/web-rtc/track-sender.ts';

interface Sent {
  readonly text: string;
  readonly index: number;
  readonly sequenceNumber: number;
  readonly ticks: number;
  readonly marker: boolean;
}

function setUp(capacity = 64): { history: PacketHistory; sent: Sent[]; begin: (from: number) => TrackSender } {
  const history = new PacketHistory(capacity, 16);
  const sent: Sent[] = [];
  const seal: SealRtp = (header, payload, index) => {
    expect([header[0], (header[1] ?? 0) & 0x7f, header.readUInt32BE(8)]).toEqual([0x80, 96, 7]);
    sent.push({
      text: payload.toString(),
      index,
      marker: ((header[1] ?? 0) & 0x80) !== 0,
      sequenceNumber: header.readUInt16BE(2),
      ticks: header.readUInt32BE(4),
    });
    return payload;
  };
  const track = { kind: 'video', payloadType: 96, ssrc: 7 } as const;
  return { history, sent, begin: (from) => new TrackSender({ history, from, track, seal, send: () => {} }) };
}

function add(history: PacketHistory, ticks: number, ...texts: string[]): void {
  history.add(
    texts.map((text) => ({ prefix: Buffer.alloc(0), body: Buffer.from(text) })),
    ticks,
  );
}

describe('a track on its way to a viewer', () => {
  it('is sent in order and in portions, numbered without a gap', () => {
    const { history, sent, begin } = setUp();
    const sender = begin(0);
    add(history, 90, 'a', 'b', 'c');
    add(history, 180, 'd');
    expect(sender.pump(3)).toBe(true);
    expect(sender.pump(3)).toBe(false);
    expect(sent.map(({ text, ticks, marker }) => [text, ticks, marker])).toEqual([
      ['a', 90, false],
      ['b', 90, false],
      ['c', 90, true],
      ['d', 180, true],
    ]);
    const [first] = sent;
    expect(sent.map(({ index }) => index - (first?.index ?? 0))).toEqual([0, 1, 2, 3]);
    expect(sent.every(({ index, sequenceNumber }) => sequenceNumber === index % 2 ** 16)).toBe(true);
    expect(first?.index).toBeLessThan(2 ** 15);
    expect(sender.sent).toEqual({ ssrc: 7, packets: 4, payloadBytes: 4 });
  });

  it('brings what was there before the viewer a millisecond from picture to picture, then takes its time', () => {
    const { history, sent, begin } = setUp();
    for (const ticks of [0, 3000, 6000, 9000]) add(history, ticks, 'x');
    const sender = begin(0);
    add(history, 12_000, 'x');
    sender.pump(100);
    expect(sent.map(({ ticks }) => ticks)).toEqual([8730, 8820, 8910, 9000, 12_000]);
  });

  it('goes over the end of the clock', () => {
    const { history, sent, begin } = setUp();
    const sender = begin(0);
    add(history, -1, 'x');
    add(history, 2 ** 32 + 5, 'y');
    sender.pump(2);
    expect(sent.map(({ ticks }) => ticks)).toEqual([2 ** 32 - 1, 5]);
  });

  it('is sent again where it is missed, as it was', () => {
    const { history, sent, begin } = setUp(4);
    const sender = begin(0);
    for (const texts of ['abcd', 'efgh']) {
      add(history, 0, ...texts);
      sender.pump(4);
    }
    const before = sent.splice(0);
    sender.resend(before.map(({ sequenceNumber }) => sequenceNumber));
    sender.resend([(before[7]?.sequenceNumber ?? 0) + 1]);
    // Packets that the history no longer has, and those not sent yet, are not sent.
    expect(sent).toEqual(before.slice(4));
  });

  it('is numbered without a gap over what was skipped, and nothing from before is sent again', () => {
    const { history, sent, begin } = setUp();
    const sender = begin(0);
    add(history, 0, ...'abcdef');
    sender.pump(2);
    sender.skipTo(4);
    sender.pump(2);
    expect(sent.map(({ text }) => text)).toEqual(['a', 'b', 'e', 'f']);
    expect((sent[3]?.index ?? 0) - (sent[0]?.index ?? 0)).toBe(3);
    const numbers = sent.splice(0).map(({ sequenceNumber }) => sequenceNumber);
    sender.resend(numbers);
    expect(sent.map(({ text }) => text)).toEqual(['e', 'f']);
  });
});
