/** Each rule of the analyser finds a planted fault, and good fragments have none. */
import { beforeAll, expect, it } from 'vitest';
import {
  type Change,
  goodRecording,
  inFragment,
  inPacket,
  inPes,
  inTable,
  nalUnitsAt,
  packetsAs,
  pidOf,
  retyped,
  setTime,
} from './planted.ts';
import { PACKET_BYTES, readPackets } from './transport-stream.ts';
import { type Fragment, transportStreamProblems } from './transport-stream-problems.ts';

const [PAT, PMT, KEY_FRAME] = [0, 1, 2];
const [VIDEO, AUDIO] = [0x100, 0x101];
const FILLER = 12;
const [PTS, DTS] = [9, 14];

let good: readonly Fragment[];
beforeAll(async () => {
  good = (await goodRecording()).fragments;
});

/** Damages the packets with a PCR from the n-th to the m-th. */
function inClocks(first: number, last: number, damage: (packet: Buffer) => void): Change {
  return inFragment((bytes) => {
    const places = readPackets(bytes).flatMap(({ pcrTicks }, at) => (pcrTicks === undefined ? [] : [at]));
    for (const at of places.slice(first, last + 1)) damage(bytes.subarray(at * PACKET_BYTES, (at + 1) * PACKET_BYTES));
  });
}

function withoutClock(packet: Buffer): void {
  packet[5] = packet.readUInt8(5) & ~0x10;
}

/** To a PCR of this fragment, which begins at 2 s. */
function setClock(ticks: number) {
  return (packet: Buffer) => packet.writeUInt32BE(ticks / 2, 6);
}

function lastPacketOf(pid: number): Change {
  return packetsAs((packets) => {
    const last = packets.findLastIndex((packet) => pidOf(packet) === pid);
    return packets.filter((_, at) => at !== last);
  });
}

const FAULTS: readonly [name: string, change: Change, problem: RegExp][] = [
  // Packets.
  ['no bytes', inFragment(() => Buffer.alloc(0)), /^1\.ts: there are no packets/],
  ['half a packet at the end', inFragment((bytes) => bytes.subarray(0, -94)), /are not whole packets/],
  ['a wrong sync byte', inPacket(7, (packet) => void packet.writeUInt8(0x48, 0)), /packet 7: no sync byte/],
  ['neither payload nor field', inPacket(7, (packet) => void packet.writeUInt8(0x05, 3)), /packet 7: neither/],
  ['a field that is too long', inPacket(2, (packet) => void packet.writeUInt8(183, 4)), /packet 2: adaptation field/],
  [
    'a field alone that is too short',
    inPacket(2, (packet) => {
      packet[3] = 0x20;
    }),
    /packet 2: adaptation field/,
  ],
  ['an error indicator', inPacket(7, (packet) => void packet.writeUInt8(0x81, 1)), /packet 7: it is marked as err/],
  [
    'scrambling',
    inPacket(7, (packet) => void packet.writeUInt8(packet.readUInt8(3) | 0x80, 3)),
    /packet 7: it is scrambled/,
  ],
  ['a PID of no table', inPacket(7, (packet) => void packet.writeUInt8(0x55, 2)), /packet 7: PID 341 is in no table/],
  ['a lost packet', lastPacketOf(VIDEO), /^from 0\.ts on: continuity counter of PID 256: \d+ -> \d+/],
  ['a lost packet of sound', lastPacketOf(AUDIO), /continuity counter of PID 257/],
  ['a lost table', packetsAs((packets) => packets.slice(1)), /1\.ts: it does not begin with a PAT/],
  [
    'a counter that begins anew without a discontinuity',
    (fragments) => [...fragments.slice(0, 2), ...fragments.slice(0, 1).map((each) => ({ ...each, name: 'again.ts' }))],
    /continuity counter of PID 0: 1 -> 0/,
  ],
  // Tables.
  [
    'no PMT after the PAT',
    packetsAs(([pat, pmt, key, ...rest]) => [pat, key, pmt, ...rest].flatMap((packet) => packet ?? [])),
    /the PMT of its one program does not follow the PAT/,
  ],
  [
    'a table that is cut short, later in the fragment',
    packetsAs(([pat = Buffer.alloc(0), ...others]) => {
      const cut = Buffer.from(pat);
      cut.writeUInt8(0xbf, 6);
      return [pat, ...others, cut];
    }),
    /no whole section of PAT or PMT/,
  ],
  ['a CRC of the PAT', inPacket(PAT, (packet) => void packet.writeUInt8(0xaa, 9)), /the CRC of the PAT does not fit/],
  ['a CRC of the PMT', inPacket(PMT, (packet) => void packet.writeUInt8(0xc5, 10)), /the CRC of the PMT does not fit/],
  ['a new version', inTable(PAT, (pat) => void pat.writeUInt8(0xc3, 5)), /a new version of the same PAT/],
  [
    'a PMT that lost its sound, of the same version',
    inTable(PMT, (pmt) => void pmt.writeUInt8(0x06, 17)),
    /another PMT of the same version/,
  ],
  ['a PMT without H.264', inTable(PMT, (pmt) => void pmt.writeUInt8(0x24, 12)), /the PMT has no H\.264/],
  ['a table for later', inTable(PMT, (pmt) => void pmt.writeUInt8(0xc0, 5)), /the PMT is not current/],
  ['a table id', inTable(PAT, (pat) => void pat.writeUInt8(0x42, 0)), /table id 66/],
  // Clock.
  ['no PCR', inClocks(0, 100, withoutClock), /^1\.ts: no PCR/],
  ['no PCR at the start', inClocks(0, 0, withoutClock), /packet 2: no PCR before it in the fragment/],
  ['PCRs far apart', inClocks(5, 9, withoutClock), /\d\d\d(\.\d+)? ms since the PCR before/],
  ['a PCR that goes back', inClocks(9, 9, setClock(180_000)), /the PCR goes back/],
  ['a PCR after the DTS', inClocks(5, 5, setClock(200_000)), /DTS \d+ is before the PCR 200000/],
  ['a PCR_PID without PCR', inTable(PMT, (pmt) => void pmt.writeUInt16BE(0xe101, 8)), /which is not the PCR_PID/],
  // Times.
  ['PTS before DTS', inPes(VIDEO, 1, (pes) => setTime(pes, PTS, 1000)), /PTS 1000 is before DTS/],
  ['a DTS twice', inPes(VIDEO, 1, (pes) => setTime(pes, DTS, 2 * 90_000)), /DTS of video does not rise/],
  ['a DTS of sound that goes back', inPes(AUDIO, 5, (pes) => setTime(pes, PTS, 90_000)), /DTS of audio does not rise/],
  [
    'a fragment of an earlier time',
    (fragments) => [1, 0].flatMap((at) => fragments[at] ?? []),
    /0\.ts, packet 2: DTS of video does not rise/,
  ],
  // PES.
  ['no PES start code', inPes(VIDEO, 3, (pes) => void pes.writeUInt8(0x02, 2)), /no PES header/],
  ['no PES marker bits', inPes(VIDEO, 3, (pes) => void pes.writeUInt8(0x00, 6)), /without its marker bits/],
  ['no PTS', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0x00, 7)), /without a time/],
  ['a PES header too short for its times', inPes(VIDEO, 1, (pes) => void pes.writeUInt8(5, 8)), /of a wrong length/],
  ['a time without marker', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0x20, 9)), /a time without its marker bits/],
  ['a DTS with the prefix of a PTS', inPes(VIDEO, 1, (pes) => void pes.writeUInt8(0x31, 14)), /a time without its mar/],
  ['a PES length of sound', inPes(AUDIO, 3, (pes) => void pes.writeUInt16BE(99, 4)), /bytes says 99/],
  ['no PES length of sound', inPes(AUDIO, 3, (pes) => void pes.writeUInt16BE(0, 4)), /bytes says 0/],
  ['a PES length of video', inPes(VIDEO, 3, (pes) => void pes.writeUInt16BE(99, 4)), /bytes says 99/],
  ['a stream id of video', inPes(VIDEO, 3, (pes) => void pes.writeUInt8(0xc0, 3)), /stream id 0xc0 on video/],
  ['a stream id of sound', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0xe0, 3)), /stream id 0xe0 on audio/],
  [
    'the rest of a picture at the start',
    inPacket(KEY_FRAME, (packet) => void packet.writeUInt8(packet.readUInt8(1) & ~0x40, 1)),
    /packet 2: the rest of a PES packet on PID 256/,
  ],
  ['no picture', packetsAs((packets) => packets.filter((packet) => pidOf(packet) !== VIDEO)), /1\.ts: no picture/],
  // Pictures.
  ['no delimiter', inPes(VIDEO, 3, retyped(9, FILLER)), /NAL unit type 12 before the access unit delimiter/],
  [
    'a SEI before the delimiter',
    inPes(VIDEO, 0, (pes) => {
      retyped(9, 6)(pes);
      retyped(7, 9)(pes);
    }),
    /NAL unit type 6 before the access unit delimiter/,
  ],
  [
    'a second delimiter',
    inPes(
      VIDEO,
      3,
      retyped(1, 9, (places) => places.slice(-1)),
    ),
    /a second access unit delimiter/,
  ],
  ['no slice', inPes(VIDEO, 3, retyped(1, FILLER)), /no slice in the picture/],
  [
    'a SEI after a slice',
    inPes(
      VIDEO,
      3,
      retyped(1, 6, (places) => places.slice(-1)),
    ),
    /NAL unit type 6 after/,
  ],
  [
    'two pictures',
    inPes(VIDEO, 3, (pes) => {
      const [, second = 0] = nalUnitsAt(pes, 1);
      pes[second + 1] = 0x80 | pes.readUInt8(second + 1);
    }),
    /2 slices with the first macroblock/,
  ],
  [
    'half a picture',
    inPes(VIDEO, 3, (pes) => {
      const [first = 0] = nalUnitsAt(pes, 1);
      pes[first + 1] = 0x7f & pes.readUInt8(first + 1);
    }),
    /0 slices with the first macroblock/,
  ],
  ['no start code', inPes(VIDEO, 3, (pes) => void pes.writeUInt8(1, 9 + pes.readUInt8(8) + 1)), /no start code/],
  [
    'a forbidden bit',
    inPes(VIDEO, 3, (pes) => {
      const [place = 0] = nalUnitsAt(pes, 1);
      pes[place] = 0x80 | pes.readUInt8(place);
    }),
    /the forbidden bit/,
  ],
  [
    'an empty NAL unit',
    inPes(VIDEO, 3, (pes) => {
      const [place = 0] = nalUnitsAt(pes, 1);
      pes.writeUIntBE(0x000001, place, 3);
    }),
    /an empty NAL unit/,
  ],
  [
    'a key frame without random access',
    inPacket(KEY_FRAME, (packet) => void packet.writeUInt8(packet.readUInt8(5) & ~0x40, 5)),
    /an IDR picture without random_access_indicator/,
  ],
  [
    'random access without parameter sets',
    inClocks(3, 3, (packet) => void packet.writeUInt8(packet.readUInt8(5) | 0x40, 5)),
    /a key frame without SPS/,
  ],
  ['a key frame without SPS', inPes(VIDEO, 0, retyped(7, FILLER)), /packet 2: a key frame without SPS/],
  ['a key frame without PPS', inPes(VIDEO, 0, retyped(8, FILLER)), /packet 2: a key frame without PPS/],
  [
    'a PPS before its SPS',
    inPes(VIDEO, 0, (pes) => {
      const [sps = 0, pps = 0] = [nalUnitsAt(pes, 7)[0], nalUnitsAt(pes, 8)[0]];
      const [first, second] = [pes.readUInt8(sps), pes.readUInt8(pps)];
      pes[sps] = second;
      pes[pps] = first;
    }),
    /a PPS before the SPS/,
  ],
  [
    'a start without a key frame',
    (fragments) =>
      packetsAs((packets) => {
        const second = packets.findIndex(
          (packet, at) => at > KEY_FRAME && pidOf(packet) === VIDEO && packet[1] === 0x41,
        );
        return packets.filter((packet, at) => pidOf(packet) !== VIDEO || at >= second);
      })(fragments).map((each) => ({ ...each, discontinuity: each.name === '1.ts' })),
    /from 1\.ts on: it does not begin with a key frame/,
  ],
  // Sound.
  ['no ADTS sync', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0xfe, 14)), /no ADTS header where/],
  ['an ADTS layer', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0xf3, 15)), /no ADTS header where/],
  [
    'an ADTS frame that is too long',
    inPes(AUDIO, 3, (pes) => void pes.writeUInt8(pes.readUInt8(18) + 1, 18)),
    /an ADTS frame of \d+ bytes where there are \d+/,
  ],
  [
    'an ADTS frame that is too short',
    inPes(AUDIO, 3, (pes) => void pes.writeUInt8(pes.readUInt8(18) - 1, 18)),
    /no ADTS header where/,
  ],
  [
    'an ADTS frame without content',
    inPes(AUDIO, 3, (pes) => void pes.writeUIntBE(0x400000, 17, 3)),
    /an ADTS frame of/,
  ],
  ['an ADTS sample rate', inPes(AUDIO, 3, (pes) => void pes.writeUInt8(0x7c, 16)), /a sample rate that does not/],
];

it('good fragments have no problem', () => {
  expect(good).toHaveLength(4);
  expect(transportStreamProblems(good)).toEqual([]);
});

it('neither have those over which the times wrap at 2^33, or which begin anew at a discontinuity', async () => {
  const wrapping = (await goodRecording(2 ** 33 / 90 - 3000)).fragments;
  expect(transportStreamProblems(wrapping)).toEqual([]);
  const other = wrapping.map((fragment, at) => ({ ...fragment, discontinuity: at === 0 }));
  expect(transportStreamProblems([...good, ...other])).toEqual([]);
});

it.each(FAULTS)('finds %s', (_, change, problem) => {
  const problems = transportStreamProblems(change(good));
  expect(problems).toContainEqual(expect.stringMatching(problem));
});
