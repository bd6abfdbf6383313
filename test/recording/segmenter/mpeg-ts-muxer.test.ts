import { expect, it } from 'vitest';
import type { Frame, TsUnit } from '../../../src/media/frame.ts';
import { mpegTsMuxer } from '../../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { pesPackets, readPackets } from '../../support/analyser/transport-stream.ts';
import { readClip } from './clips.ts';

const { videoConfig = Buffer.alloc(0), audioConfig = Buffer.alloc(0), frames } = readClip('h264-aac');
const SILENT_EVENTS = { onDrain: () => {}, onFailure: () => {} };

function mux(input: readonly Frame[], program = { videoConfig, audioConfig, startDtsMs: 0 }): TsUnit[] {
  const units: TsUnit[] = [];
  const unit = (each: TsUnit) => units.push({ ...each, packets: Buffer.from(each.packets) });
  const muxer = mpegTsMuxer(program, { tables: () => {}, unit }, SILENT_EVENTS);
  for (const frame of input) expect(muxer.write(frame)).toBe(true);
  return units;
}

it('puts a clock reference and the stream id of video on every picture, and random access on key frames', () => {
  const units = mux(frames).filter(({ track }) => track === 'video');
  expect(units.length).toBe(300);
  for (const { packets, dtsTicks, keyFrame } of units) {
    const [first] = readPackets(packets);
    expect([first?.pid, first?.pcrTicks, first?.randomAccess]).toEqual([0x100, dtsTicks, keyFrame]);
    expect(pesPackets(packets, 0x100)[0]?.toString('hex', 0, 6)).toBe('000001e00000');
  }
});

it('puts one frame in each audio PES packet, whose length says so', () => {
  const units = mux(frames).filter(({ track }) => track === 'audio');
  const sizes = frames.flatMap(({ kind, data }) => (kind === 'audio' ? [data.length] : []));
  const pes = units.map(({ packets }) => pesPackets(packets, 0x101)[0] ?? Buffer.alloc(0));
  expect(pes.map((packet) => packet.length)).toEqual(sizes.map((sizeBytes) => 14 + 7 + sizeBytes));
  expect(pes.map((packet) => packet.readUInt16BE(4) + 6)).toEqual(pes.map((packet) => packet.length));
  expect(new Set(pes.map((packet) => packet[3]))).toEqual(new Set([0xc0]));
});

it('skips what cannot be carried: empty frames, and audio longer than ADTS can say', () => {
  const audio = (sizeBytes: number): Frame => ({ kind: 'audio', dtsMs: 0, data: Buffer.alloc(sizeBytes) });
  const empty: Frame = { kind: 'video', dtsMs: 0, compositionMs: 0, keyFrame: true, data: Buffer.alloc(0) };
  expect(mux([audio(0), audio(8185), empty])).toEqual([]);
  expect(mux([audio(8184)]).length).toBe(1);
});

it('writes nothing more when it was destroyed', () => {
  const units: TsUnit[] = [];
  const output = { tables: () => {}, unit: (unit: TsUnit) => void units.push(unit) };
  const muxer = mpegTsMuxer({ videoConfig, startDtsMs: 0 }, output, SILENT_EVENTS);
  muxer.destroy();
  for (const frame of frames) muxer.write(frame);
  expect(units).toEqual([]);
});

it('refuses configurations it cannot carry', () => {
  const program = { videoConfig, startDtsMs: 0 };
  expect(() => mux([], { ...program, videoConfig: Buffer.alloc(3), audioConfig })).toThrow(
    'AVCDecoderConfigurationRecord',
  );
  expect(() => mux([], { ...program, audioConfig: Buffer.from([0xb9, 0x90]) })).toThrow('AudioSpecificConfig');
});
