/** Good fragments, and ways to damage them for the tests of the analyser. Lengths stay as they are. */
import { mpegTsMuxer } from '../../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { cuttingRule } from '../../../src/recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../../src/recording/segmenter/segmenting-session.ts';
import { readClip, shifted } from '../../recording/segmenter/clips.ts';
import { MemorySink } from '../../recording/segmenter/memory-sink.ts';
import { crc32, PACKET_BYTES, readPackets } from './transport-stream.ts';
import type { Fragment } from './transport-stream-problems.ts';

export type Change = (fragments: readonly Fragment[]) => readonly Fragment[];

/** Four fragments of 2 s: B-frames, three slices per picture, sound. */
export async function goodRecording(startMs = 0): Promise<{ fragments: readonly Fragment[]; durationsSec: number[] }> {
  const clip = readClip('h264-aac-b-frames-slices');
  const sink = new MemorySink();
  const segmenter = createSegmenter({
    rule: cuttingRule(2),
    muxer: mpegTsMuxer,
    sink,
    onDrain: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  if (clip.videoConfig) segmenter.videoConfig(clip.videoConfig);
  if (clip.audioConfig) segmenter.audioConfig(clip.audioConfig);
  for (const frame of shifted(clip.frames, startMs)) segmenter.write(frame);
  await segmenter.end();
  return {
    fragments: sink.fragments.map(({ bytes, discontinuity }, at) => ({ name: `${at}.ts`, bytes, discontinuity })),
    durationsSec: sink.fragments.map(({ durationMs }) => durationMs / 1000),
  };
}

/** Damages one fragment, the second one if nothing else is said. */
export function inFragment(damage: (bytes: Buffer) => Buffer | undefined, at = 1): Change {
  return (fragments) =>
    fragments.map((fragment, index) => {
      if (index !== at) return fragment;
      const bytes = Buffer.from(fragment.bytes);
      return { ...fragment, bytes: damage(bytes) ?? bytes };
    });
}

/** Damages one transport packet of a fragment. */
export function inPacket(index: number, damage: (packet: Buffer) => void): Change {
  return inFragment((bytes) => {
    damage(bytes.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES));
    return bytes;
  });
}

/** The transport packets in another order, or without some. */
export function packetsAs(change: (packets: Buffer[]) => Buffer[]): Change {
  return inFragment((bytes) => {
    const packets: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += PACKET_BYTES) packets.push(bytes.subarray(at, at + PACKET_BYTES));
    return Buffer.concat(change(packets));
  });
}

export function pidOf(packet: Buffer): number {
  return packet.readUInt16BE(1) & 0x1fff;
}

/** Damages the n-th PES packet of a PID, whose bytes are spread over transport packets. */
export function inPes(pid: number, n: number, damage: (pes: Buffer) => void): Change {
  return inFragment((bytes) => {
    const parts = payloadsOf(bytes, pid, n);
    const pes = Buffer.concat(parts);
    damage(pes);
    let at = 0;
    for (const part of parts) at += pes.copy(part, 0, at, at + part.length);
  });
}

/** Views of the payloads of the n-th PES packet. */
function payloadsOf(bytes: Buffer, pid: number, n: number): Buffer[] {
  let unit = -1;
  return readPackets(bytes).flatMap((packet) => {
    if (packet.pid !== pid) return [];
    if (packet.startsUnit) unit++;
    return unit === n ? [packet.payload] : [];
  });
}

/** Damages the section in a packet of a table and corrects its CRC. */
export function inTable(index: number, damage: (section: Buffer) => void): Change {
  return inPacket(index, (packet) => {
    const section = packet.subarray(5, 5 + 3 + (packet.readUInt16BE(6) & 0x0fff));
    damage(section);
    section.writeUInt32BE(crc32(section.subarray(0, -4)), section.length - 4);
  });
}

/** Where the NAL units of a type begin in a PES packet. */
export function nalUnitsAt(pes: Buffer, type: number): number[] {
  const places: number[] = [];
  for (let at = pes.indexOf('000001', 9, 'hex'); at >= 0; at = pes.indexOf('000001', at + 3, 'hex')) {
    if ((pes.readUInt8(at + 3) & 0x1f) === type) places.push(at + 3);
  }
  return places;
}

/** Gives the NAL units of one type another, e.g. 12: filler. */
export function retyped(from: number, to: number, which: (places: number[]) => number[] = (places) => places) {
  return (pes: Buffer) => {
    for (const place of which(nalUnitsAt(pes, from))) pes[place] = (pes.readUInt8(place) & 0xe0) | to;
  };
}

/** Writes a time of a PES packet, with the prefix that is there. */
export function setTime(pes: Buffer, at: number, ticks: number): void {
  const high = Math.floor(ticks / 2 ** 30);
  pes[at] = (pes.readUInt8(at) & 0xf0) | (high << 1) | 1;
  pes.writeUInt16BE((Math.floor(ticks / 2 ** 15) % 2 ** 15) * 2 + 1, at + 1);
  pes.writeUInt16BE((ticks % 2 ** 15) * 2 + 1, at + 3);
}
