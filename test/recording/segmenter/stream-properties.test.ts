import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Frame } from '../../../src/media/frame.ts';
import { mpegTsMuxer } from '../../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { createSegmenter } from '../../../src/recording/segmenter/segmenting-session.ts';
import { continuityBreaks, pesPackets, readPackets } from '../../support/analyser/transport-stream.ts';
import { readClip } from './clips.ts';
import { MemorySink } from './memory-sink.ts';

const { videoConfig = Buffer.alloc(0) } = readClip('h264-aac');
const AUDIO_CONFIGS = ['1210', '1190', '1208', 'b990'].map((hex) => Buffer.from(hex, 'hex'));
const WRAP_MS = 2 ** 33 / 90;

/** What happens next in a session. Times are steps of the track. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('audio' as const), stepMs: fc.integer({ min: 1, max: 60 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('video' as const),
      stepMs: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10_000 })),
      compositionMs: fc.integer({ min: 0, max: 2000 }),
      keyFrame: fc.boolean(),
      sizeBytes: fc.integer({ min: 1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('config' as const), config: fc.constantFrom(...AUDIO_CONFIGS) }),
  },
);
const startMs = fc.constantFrom(0, -500, Math.floor(WRAP_MS) - 3000, Math.floor(WRAP_MS), 2 ** 32 - 3000);

function picture(dtsMs: number, compositionMs: number, keyFrame: boolean, sizeBytes: number): Frame {
  const data = Buffer.alloc(5 + sizeBytes, 0x33);
  data.writeUInt32BE(1 + sizeBytes);
  data[4] = keyFrame ? 0x65 : 0x41;
  return { kind: 'video', dtsMs, compositionMs, keyFrame, data };
}

function timestamp(pes: Buffer, at: number): number {
  return (
    ((pes.readUInt8(at) >> 1) & 7) * 2 ** 30 +
    (pes.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
    (pes.readUInt16BE(at + 3) >> 1)
  );
}

it('is a proper transport stream, whatever the rates, gaps, composition times, start times and audio headers', async () => {
  await fc.assert(
    fc.asyncProperty(
      startMs,
      fc.array(event, { minLength: 1, maxLength: 80 }),
      fc.boolean(),
      async (start, events, isOneGroup) => {
        const sink = new MemorySink();
        const onFailure = (error: Error) => expect.fail(error.message);
        const rule = { fragDurationMs: 1000, maxFragDurationMs: 4000 };
        const segmenter = createSegmenter({ rule, muxer: mpegTsMuxer, sink, onDrain: () => {}, onFailure });
        segmenter.videoConfig(videoConfig);
        const dtsMs = { video: start, audio: start };
        let isAudioUsable = false;
        let expectedAudio = 0;
        let expectedVideo = 1;
        segmenter.write(picture(start, 0, true, 10));
        for (const each of events) {
          if (each.kind === 'config') isAudioUsable = segmenter.audioConfig(each.config) === 'taken';
          else if (each.kind === 'video') {
            dtsMs.video += each.stepMs;
            expectedVideo++;
            segmenter.write(picture(dtsMs.video, each.compositionMs, each.keyFrame && !isOneGroup, each.sizeBytes));
          } else {
            dtsMs.audio += each.stepMs;
            const isDue = dtsMs.audio >= start;
            segmenter.write({ kind: 'audio', dtsMs: dtsMs.audio, data: Buffer.alloc(100) });
            if (isAudioUsable && isDue) expectedAudio++;
          }
          // Parts of a program follow one another in microtasks.
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        await segmenter.end();

        expect(pesPackets(sink.bytes, 0x100).length).toBe(expectedVideo);
        const audioCount = pesPackets(sink.bytes, 0x101).length;
        // At the start of a later program, sound that is due before its first picture is left out.
        if (isOneGroup) expect(audioCount).toBe(expectedAudio);
        else expect(audioCount).toBeLessThanOrEqual(expectedAudio);
        let program = Buffer.alloc(0);
        const programs: Buffer[] = [];
        for (const { bytes, discontinuity } of sink.fragments) {
          const [pat, pmt, first] = readPackets(bytes);
          expect([pat?.pid, pmt?.pid]).toEqual([0, 0x1001]);
          expect(first?.startsUnit).toBe(true);
          if (discontinuity) {
            programs.push(program);
            program = Buffer.alloc(0);
          }
          program = Buffer.concat([program, bytes]);
        }
        for (const each of [...programs, program]) {
          expect(continuityBreaks(each)).toEqual([]);
          const references = readPackets(each).flatMap(({ pcrTicks }) => pcrTicks ?? []);
          for (const [index, ticks] of references.slice(1).entries()) {
            const step = (ticks - (references[index] ?? 0) + 2 ** 33) % 2 ** 33;
            expect(step).toBeLessThanOrEqual(9000);
          }
        }
        for (const pes of pesPackets(sink.bytes, 0x100)) {
          const hasDts = pes.readUInt8(7) >> 6 === 3;
          const ptsTicks = timestamp(pes, 9);
          const dtsTicks = hasDts ? timestamp(pes, 14) : ptsTicks;
          expect((ptsTicks - dtsTicks + 2 ** 33) % 2 ** 33).toBeLessThanOrEqual(2000 * 90);
        }
      },
    ),
    { numRuns: 60 },
  );
});
