import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMissedPackets, writeGoodbye, writeSenderReport } from '../../../src/watch/web-rtc/rtcp.ts';

describe('a sender report', () => {
  it('is one of RFC 3550, with a name behind it', () => {
    const report = { ssrc: 0x01020304, wallMs: 1_500, ticks: 2 ** 32 + 9, packets: 3, payloadBytes: 4 };
    expect(writeSenderReport(report, 'abc').toString('hex')).toBe(
      // 1.5 s after 1970 are 2,208,988,801.5 s after 1900.
      '80c8000601020304' + '83aa7e8180000000' + '000000090000000300000004' + '81ca000301020304' + '0103616263000000',
    );
  });

  it('may speak of a moment before the first picture', () => {
    const report = { ssrc: 1, wallMs: 0, ticks: -1, packets: 0, payloadBytes: 0 };
    expect(writeSenderReport(report, '').readUInt32BE(16)).toBe(0xffffffff);
  });
});

it('a goodbye names the track', () => {
  expect(writeGoodbye(0x01020304).toString('hex')).toBe('81cb000101020304');
});

describe('packets that are asked for again', () => {
  it('are found in a compound packet, each number with the 16 behind it', () => {
    const receiverReport = '80c90001' + '0a0a0a0a';
    const nack = '81cd0004' + '0a0a0a0a' + '01020304' + 'fffe0005' + '00100000';
    expect(parseMissedPackets(Buffer.from(receiverReport + nack, 'hex'))).toEqual([
      { ssrc: 0x01020304, sequenceNumbers: [0xfffe, 0xffff, 1, 16] },
    ]);
  });

  it('are not pictures that are asked for, nor anything in noise', () => {
    const pictureLoss = '81ce0002' + '0a0a0a0a' + '01020304';
    expect(parseMissedPackets(Buffer.from(pictureLoss, 'hex'))).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const { sequenceNumbers } of parseMissedPackets(Buffer.from(bytes))) {
          expect(sequenceNumbers.every((number) => number >= 0 && number <= 0xffff)).toBe(true);
        }
      }),
    );
  });
});
