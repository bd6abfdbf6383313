import { describe, expect, it, onTestFinished } from 'vitest';
import { keptLog } from '../../support/kept-log.ts';
import { describeWith } from '../../support/tools.ts';
import { ADAPTERS, type Adapter, Listener, packetsOf } from './encoders.ts';
import { oggOpus, PRE_SKIP_TICKS } from './ogg-writer.ts';
import { type AacFrame, type AacStream, clipSound, hear, loudest, onsetMs, toneAfterSilence } from './sounds.ts';

const SOUNDS: readonly [name: string, make: () => Promise<AacStream>][] = [
  ['AAC LC, 44.1 kHz stereo', () => toneAfterSilence(44_100, 2)],
  ['AAC LC, 48 kHz stereo', () => toneAfterSilence(48_000, 2)],
  ['AAC LC, 8 kHz mono', () => toneAfterSilence(8_000, 1)],
  ['AAC LC, 22.05 kHz mono', () => toneAfterSilence(22_050, 1)],
  ['AAC LC, 96 kHz stereo', () => toneAfterSilence(96_000, 2)],
  ['AAC LC, 48 kHz 5.1', () => toneAfterSilence(48_000, 6)],
  ['HE-AAC', async () => clipSound('aac-he.flv')],
  ['HE-AAC v2', async () => clipSound('aac-he-v2.flv')],
];

async function listen(adapter: Adapter, config: Buffer): Promise<{ listener: Listener; lines: readonly string[] }> {
  const { log, lines } = keptLog();
  const listener = new Listener(await adapter.open(log), config);
  onTestFinished(() => listener.encoder.close());
  return { listener, lines };
}

/** Writes all frames and waits for their packets. */
async function encode(adapter: Adapter, stream: AacStream, frames: readonly AacFrame[] = stream.frames) {
  const { listener, lines } = await listen(adapter, stream.config);
  for (const { data, dtsMs } of frames) listener.encoder.write(data, dtsMs);
  await listener.reaches(packetsOf(stream, frames.length - adapter.heldFrames));
  return { listener, lines };
}

/** Decodes the packets; the first sample is the one `PRE_SKIP_TICKS` after the ticks of the first packet. */
function play(listener: Listener): Promise<Float32Array> {
  return hear(oggOpus(listener.packets.map((packet) => packet.data)), 'ogg');
}

/** Bytes that are not AAC, the same in every run. */
function garbage(sizeBytes: number, seed: number): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length: sizeBytes }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state >> 16;
    }),
  );
}

for (const adapter of ADAPTERS) {
  describeWith(['ffmpeg', ...adapter.tools], `Opus by ${adapter.name}`, () => {
    describe.each(SOUNDS)('%s', (_name, make) => {
      it('sounds the same at the same time', async () => {
        const stream = await make();
        const { listener, lines } = await encode(adapter, stream);
        const [heard, pushed] = await Promise.all([play(listener), hear(stream.flv, 'flv')]);

        expect(loudest(heard)).toEqual({ frequencyHz: 440, energy: expect.toSatisfy((energy) => energy > 0.001) });
        const startMs = ((listener.ticks[0] ?? 0) + PRE_SKIP_TICKS) / 48;
        expect(startMs).toBe(stream.frames[0]?.dtsMs);
        expect(Math.abs(startMs + onsetMs(heard) - onsetMs(pushed))).toBeLessThan(5);
        expect(listener.steps.every((step) => step === 960)).toBe(true);
        expect(lines).toEqual([]);
      });
    });

    it('makes packets of 20 ms for all that was pushed', async () => {
      const stream = clipSound('h264-aac.flv');
      const { listener } = await encode(adapter, stream, stream.frames.slice(0, 430));
      const heldMs = (adapter.heldFrames * 1024) / 44.1;
      const pushedMs = (430 * 1024) / 44.1;
      expect(Math.abs(pushedMs - listener.packets.length * 20)).toBeLessThan(40 + heldMs);
      expect(loudest(await play(listener)).frequencyHz).toBe(440);
    });

    it('follows the stream where it pauses, and only there', async () => {
      const stream = clipSound('aac-only.flv');
      const frames = stream.frames.map(({ data, dtsMs }, index) => ({
        data,
        // Irregular by up to 15 ms, and five seconds later from the 100th frame on.
        dtsMs: dtsMs + 1000 + ((index * 7) % 16) + (index < 100 ? 0 : 5000),
      }));
      const { listener } = await encode(adapter, stream, frames);
      const jumps = listener.steps.filter((step) => step !== 960);
      expect(jumps).toEqual([expect.toSatisfy((step) => Math.abs(step - 960 - 5000 * 48) <= 40 * 48)]);
      expect(listener.ticks[0]).toBe(1000 * 48 - PRE_SKIP_TICKS);
    });

    it('leaves out what is no AAC, says so once and keeps the time', async () => {
      const stream = await toneAfterSilence(44_100, 2);
      const bad = (index: number) => [0, 5, 6].includes(index);
      const frames = stream.frames.map((frame, index) =>
        bad(index) ? { ...frame, data: garbage(index === 5 ? 5 : 300, index + 1) } : frame,
      );
      const { listener, lines } = await listen(adapter, stream.config);
      for (const { data, dtsMs } of frames) listener.encoder.write(data, dtsMs);
      listener.encoder.write(Buffer.alloc(0), 9999);
      await listener.reaches(packetsOf(stream, frames.length - 3 - adapter.heldFrames));

      // The two in the middle are 46 ms.
      expect(listener.steps.filter((step) => step !== 960)).toEqual([
        expect.toSatisfy((step) => Math.abs(step - 960 - 46 * 48) < 5 * 48),
      ]);
      const [heard, pushed] = await Promise.all([play(listener), hear(stream.flv, 'flv')]);
      const at = onsetMs(heard) * 48 + PRE_SKIP_TICKS;
      const soundMs = ((listener.ticks[Math.floor(at / 960)] ?? 0) + (at % 960)) / 48;
      expect(Math.abs(soundMs - onsetMs(pushed))).toBeLessThan(5);
      expect(lines).toEqual([expect.stringMatching(/^warn {2}sound.unreadable detail=/)]);
    });

    it('hears nothing in a stream that is no AAC at all', async () => {
      const stream = clipSound('aac-only.flv');
      const { listener } = await listen(adapter, stream.config);
      for (let index = 0; index < 20; index++) listener.encoder.write(garbage(200, index + 1), index * 23);
      // Valid frames after it are encoded.
      for (const { data, dtsMs } of stream.frames) listener.encoder.write(data, dtsMs + 460);
      await listener.reaches(100);
      expect(listener.ticks.every((ticks) => ticks >= -PRE_SKIP_TICKS)).toBe(true);
    });

    it('serves several streams at once', async () => {
      const [stereo, mono] = await Promise.all([toneAfterSilence(44_100, 2), toneAfterSilence(8_000, 1)]);
      const { log } = keptLog();
      const factory = await adapter.open(log);
      const pairs = [stereo, mono, stereo].map((stream) => ({
        stream,
        listener: new Listener(factory, stream.config),
      }));
      onTestFinished(() => {
        for (const { listener } of pairs) listener.encoder.close();
      });
      for (let index = 0; index < stereo.frames.length; index++) {
        for (const { stream, listener } of pairs) {
          const frame = stream.frames[index];
          if (frame) listener.encoder.write(frame.data, frame.dtsMs);
        }
      }
      for (const { stream, listener } of pairs) {
        await listener.reaches(packetsOf(stream, stream.frames.length - adapter.heldFrames));
        expect(loudest(await play(listener)).frequencyHz).toBe(440);
      }
      expect(pairs[0]?.listener.packets[50]).toEqual(pairs[2]?.listener.packets[50]);
    });

    it('copies what it is handed, and says nothing more once it is closed', async () => {
      const stream = await toneAfterSilence(48_000, 2);
      const { listener } = await listen(adapter, stream.config);
      const half = Math.floor(stream.frames.length / 2);
      for (const { data, dtsMs } of stream.frames.slice(0, half)) {
        const shared = Buffer.from(data);
        listener.encoder.write(shared, dtsMs);
        shared.fill(0);
      }
      await listener.reaches(packetsOf(stream, half - adapter.heldFrames));
      expect(loudest(await play(listener)).frequencyHz).toBe(440);
      for (const { data, dtsMs } of stream.frames.slice(half)) listener.encoder.write(data, dtsMs);
      const before = listener.packets.length;
      listener.encoder.close();
      listener.encoder.close();
      listener.encoder.write(Buffer.alloc(10), 0);
      await new Promise(setImmediate);
      expect(listener.packets.length).toBe(before);
    });
  });
}
