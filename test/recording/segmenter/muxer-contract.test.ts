import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Frame } from '../../../src/media/frame.ts';
import { ffmpegMuxer } from '../../../src/recording/segmenter/ffmpeg-muxer.ts';
import { mpegTsMuxer } from '../../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { type CuttingRule, cuttingRule, type MuxerFactory } from '../../../src/recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../../src/recording/segmenter/segmenting-session.ts';
import { durationProblems } from '../../support/analyser/playlist-problems.ts';
import { pesPackets, readPackets } from '../../support/analyser/transport-stream.ts';
import { transportStreamProblems } from '../../support/analyser/transport-stream-problems.ts';
import { describeWith } from '../../support/tools.ts';
import { type Clip, lastDtsMs, readClip, shifted } from './clips.ts';
import { decodeComplaints, type ProbedPackets, probePackets } from './ffmpeg-tools.ts';
import { MemorySink } from './memory-sink.ts';

const ADAPTERS: readonly { name: string; muxer: MuxerFactory }[] = [
  { name: 'mpeg-ts', muxer: mpegTsMuxer },
  { name: 'ffmpeg', muxer: ffmpegMuxer({ path: 'ffmpeg', clock: systemClock }) },
];

const FRAG_2S = cuttingRule(2);
const DAY_MS = 86_400_000;
const WRAP_MS = 2 ** 33 / 90;

/** One call of a session: a configuration, a frame, or a discontinuity. */
type Step = Frame | { readonly kind: 'configure'; readonly clip: Clip } | { readonly kind: 'discontinuity' };

async function segment(muxer: MuxerFactory, rule: CuttingRule, steps: readonly Step[]): Promise<MemorySink> {
  const sink = new MemorySink();
  const failures: Error[] = [];
  let resume = () => {};
  const onDrain = () => resume();
  const segmenter = createSegmenter({ rule, muxer, sink, onDrain, onFailure: (error) => failures.push(error) });
  onTestFinished(() => segmenter.destroy());
  for (const step of steps) {
    if (step.kind === 'discontinuity') segmenter.discontinuity();
    else if (step.kind === 'configure') {
      if (step.clip.videoConfig) segmenter.videoConfig(step.clip.videoConfig);
      if (step.clip.audioConfig) segmenter.audioConfig(step.clip.audioConfig);
    } else {
      const drained = new Promise<void>((resolve) => {
        resume = resolve;
      });
      if (!segmenter.write(step)) await drained;
    }
  }
  await segmenter.end();
  expect(failures).toEqual([]);
  expect(sink.isOpen).toBe(false);
  const fragments = sink.fragments.map(({ bytes, discontinuity }, at) => ({ name: `${at}.ts`, bytes, discontinuity }));
  expect(transportStreamProblems(fragments)).toEqual([]);
  expect(
    durationProblems(
      sink.fragments.map(({ durationMs }) => durationMs / 1000),
      fragments,
    ),
  ).toEqual([]);
  return sink;
}

function play(clip: Clip, frames: readonly Frame[] = clip.frames): Step[] {
  return [{ kind: 'configure', clip }, ...frames];
}

const wireTicks = (ms: number) => (Math.round(ms * 90) + 2 ** 33) % 2 ** 33;
const video = (frames: readonly Frame[]) => frames.flatMap((frame) => (frame.kind === 'video' ? [frame] : []));

/** The expected time stamps of the frames in MPEG-TS, in order, per track. */
function expectedTimes(frames: readonly Frame[]) {
  return {
    video: video(frames).map(({ dtsMs, compositionMs }) => [wireTicks(dtsMs), wireTicks(dtsMs + compositionMs)]),
    audio: frames.flatMap(({ kind, dtsMs }) => (kind === 'audio' ? [[wireTicks(dtsMs), wireTicks(dtsMs)]] : [])),
  };
}

function probedTimes(packets: ProbedPackets) {
  // ffprobe makes times continuous across the wrap: those before it are negative.
  const onWire = (ticks: number) => (ticks + 2 ** 33) % 2 ** 33;
  const times = (track: ProbedPackets['video']) =>
    track.map(({ dtsTicks, ptsTicks }) => [onWire(dtsTicks), onWire(ptsTicks)]);
  return { video: times(packets.video), audio: times(packets.audio) };
}

/** Without the audio that is before the first picture, by its order or by its time: it belongs to no program. */
function fromFirstKeyFrame(frames: readonly Frame[]): Frame[] {
  const first = frames.findIndex((frame) => frame.kind === 'video' && frame.keyFrame);
  return frames.slice(first).filter((frame) => frame.dtsMs >= (frames[first]?.dtsMs ?? 0));
}

/** A session whose audio configuration, and with it all sound, comes at a time. */
function lateAudio({ videoConfig, audioConfig, frames }: Clip, fromMs: number): Step[] {
  if (!videoConfig || !audioConfig) throw new Error('the clip has no configuration');
  const steps: Step[] = frames.filter((frame) => frame.kind === 'video' || frame.dtsMs >= fromMs);
  const appears = steps.findIndex((step) => step.kind === 'audio');
  steps.splice(appears, 0, { kind: 'configure', clip: { audioConfig, frames } });
  return [{ kind: 'configure', clip: { videoConfig, frames } }, ...steps];
}

function pmtVersions(ts: Buffer): number[] {
  const tables = readPackets(ts).filter(({ pid }) => pid === 0x1001);
  return tables.map(({ payload }) => (payload.readUInt8(6) >> 1) & 0x1f);
}

describeWith(['ffmpeg', 'ffprobe'], 'muxers', () => {
  describe.each(ADAPTERS)('$name', ({ muxer }) => {
    it.each([
      'h264-aac',
      'h264-aac-b-frames-slices',
      'h264-aac-320x180-inband-parameter-sets',
      'h264-aac-open-gop',
      'h264-aac-key-frame-every-10s',
      'h264-only',
    ])('%s: every frame once, with its times, decodable without a complaint', async (name) => {
      const clip = readClip(name);
      const sink = await segment(muxer, FRAG_2S, play(clip));
      const packets = await probePackets(sink.bytes);
      expect(probedTimes(packets)).toEqual(expectedTimes(fromFirstKeyFrame(clip.frames)));
      expect(await decodeComplaints(sink.bytes)).toBe('');
    });

    it('cuts at the first key frame at or after the fragment duration', async () => {
      const { fragments } = await segment(muxer, cuttingRule(3), play(readClip('h264-aac')));
      expect(fragments.map(({ durationMs }) => durationMs)).toEqual([4000, 4000, 4000]);
      expect(fragments.some(({ forcedCut, discontinuity }) => forcedCut || discontinuity)).toBe(false);
    });

    it('waits for key frames that are further apart than that', async () => {
      const { fragments } = await segment(muxer, FRAG_2S, play(readClip('h264-aac-key-frame-every-10s')));
      expect(fragments.map(({ durationMs }) => durationMs)).toEqual([10_000, 10_000, 2000]);
    });

    it('forces a cut at the first picture at or after the limit', async () => {
      const rule = { fragDurationMs: 2000, maxFragDurationMs: 6000 };
      const sink = await segment(muxer, rule, play(readClip('h264-aac-key-frame-every-10s')));
      expect(sink.fragments.map(({ durationMs, forcedCut }) => [durationMs, forcedCut])).toEqual([
        [6000, true],
        [4000, false],
        [6000, true],
        [4000, false],
        [2000, false],
      ]);
    });

    it('starts every fragment with PAT, PMT and a key frame that a decoder can start with', async () => {
      const rule = { fragDurationMs: 1000, maxFragDurationMs: 60_000 };
      const sink = await segment(muxer, rule, play(readClip('h264-aac')));
      expect(sink.fragments.length).toBe(6);
      for (const { bytes, sizeBytes } of sink.fragments) {
        expect(bytes.length).toBe(sizeBytes);
        const [pat, pmt, first] = readPackets(bytes);
        expect([pat?.pid, pmt?.pid, first?.pid, first?.randomAccess]).toEqual([0, 0x1001, 0x100, true]);
        expect(await decodeComplaints(bytes)).toBe('');
      }
    });

    it('states as the duration of a fragment the time to the first picture of the next', async () => {
      const clip = readClip('h264-aac-b-frames-slices');
      const { fragments } = await segment(muxer, FRAG_2S, play(clip));
      const keyFrames = video(clip.frames).filter(({ keyFrame }) => keyFrame);
      const frameMs = 1000 / 30;
      const ends = [...keyFrames.slice(1).map(({ dtsMs }) => dtsMs), lastDtsMs(video(clip.frames)) + frameMs];
      expect(fragments.map(({ startDtsTicks }) => startDtsTicks)).toEqual(keyFrames.map(({ dtsMs }) => dtsMs * 90));
      for (const [index, { durationMs, startDtsTicks }] of fragments.entries()) {
        expect(Math.abs(startDtsTicks / 90 + durationMs - (ends[index] ?? 0))).toBeLessThan(1);
      }
    });

    it('takes a session that starts at a day', async () => {
      const clip = readClip('h264-aac-b-frames-slices');
      const frames = shifted(clip.frames, DAY_MS);
      const sink = await segment(muxer, FRAG_2S, play(clip, frames));
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(fromFirstKeyFrame(frames)));
      expect(sink.fragments[0]?.startDtsTicks).toBe((video(frames)[0]?.dtsMs ?? 0) * 90);
    });

    it('goes on over the wrap of the 33-bit time stamps', async () => {
      const clip = readClip('h264-aac');
      const frames = shifted(clip.frames, Math.floor(WRAP_MS) - 5000);
      const sink = await segment(muxer, FRAG_2S, play(clip, frames));
      expect(sink.fragments.map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 2000, 2000, 2000, 2000]);
      const starts = sink.fragments.map(({ startDtsTicks }) => startDtsTicks);
      expect(starts.at(-1)).toBeGreaterThan(2 ** 33);
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(fromFirstKeyFrame(frames)));
      expect(await decodeComplaints(sink.bytes)).toBe('');
    });

    it('begins a new program where the picture changes, and marks the break', async () => {
      const [big, small] = [readClip('h264-aac'), readClip('h264-aac-320x180-inband-parameter-sets')];
      const smallFrames = shifted(small.frames, lastDtsMs(big.frames) + 40);
      const sink = await segment(muxer, cuttingRule(6), [...play(big), ...play(small, smallFrames)]);
      const breaks = sink.fragments.map(({ durationMs, discontinuity }) => [Math.round(durationMs), discontinuity]);
      expect(breaks).toEqual([
        [6000, false],
        [6000, false],
        [4000, true],
      ]);
      for (const { bytes } of sink.fragments) expect(await decodeComplaints(bytes)).toBe('');
    });

    it('ends the program at the key frame after a jump and drops nothing before it', async () => {
      const clip = readClip('h264-aac');
      const sink = await segment(muxer, FRAG_2S, [
        ...play(
          clip,
          clip.frames.filter(({ dtsMs }) => dtsMs < 3000),
        ),
        { kind: 'discontinuity' },
        ...clip.frames.filter(({ dtsMs }) => dtsMs >= 3000),
      ]);
      const starts = sink.fragments.map(({ startDtsTicks, discontinuity }) => [startDtsTicks, discontinuity]);
      const firstDts = (video(clip.frames)[0]?.dtsMs ?? 0) * 90;
      expect(starts.slice(0, 4)).toEqual([
        [firstDts, false],
        [firstDts + 2000 * 90, false],
        [firstDts + 4000 * 90, true],
        [firstDts + 6000 * 90, false],
      ]);
      const counts = await Promise.all(sink.fragments.map(({ bytes }) => probePackets(bytes)));
      expect(counts.reduce((sum, { video: pictures }) => sum + pictures.length, 0)).toBe(video(clip.frames).length);
      for (const { bytes } of sink.fragments) expect(await decodeComplaints(bytes)).toBe('');
    });

    it.each([40, 900, 1500, 7000])('takes in audio whose header is %d ms late, without a break', async (lateMs) => {
      const clip = readClip('h264-aac-key-frame-every-10s');
      const startMs = video(clip.frames)[0]?.dtsMs ?? 0;
      const sink = await segment(muxer, FRAG_2S, lateAudio(clip, startMs + lateMs));
      const expected = fromFirstKeyFrame(clip.frames).filter(
        ({ kind, dtsMs }) => kind === 'video' || dtsMs >= startMs + lateMs,
      );
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(expected));
      expect(sink.fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false]);
      expect(await decodeComplaints(sink.bytes)).toBe('');
      // A header that is only a little late is known when the tables are written.
      const versions = pmtVersions(sink.bytes);
      expect(new Set(versions)).toEqual(new Set(lateMs < 1000 ? [0] : [0, 1]));
    });

    it('gives each audio frame the header of its own configuration, and breaks at the next key frame', async () => {
      const clip = readClip('h264-aac-key-frame-every-10s');
      const frames = fromFirstKeyFrame(clip.frames);
      const change = frames.findIndex(({ kind, dtsMs }) => kind === 'audio' && dtsMs >= 4000);
      const mono48k = Buffer.from([0x11, 0x88]);
      const steps: Step[] = [...play(clip, frames.slice(0, change))];
      steps.push({ kind: 'configure', clip: { audioConfig: mono48k, frames } }, ...frames.slice(change));
      const sink = await segment(muxer, FRAG_2S, steps);
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(frames));
      expect(sink.fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, true, false]);
      const headers = pesPackets(sink.bytes, 0x101).map((pes) => pes.toString('hex', 14, 18).replace(/.$/, ''));
      const [original] = headers;
      const soundsBefore = frames.slice(0, change).filter(({ kind }) => kind === 'audio').length;
      expect(headers.slice(0, soundsBefore)).toEqual(Array.from({ length: soundsBefore }, () => original));
      const after = headers.slice(soundsBefore);
      expect(after).toEqual(after.map(() => 'fff14c4'));
    });

    it('takes headers that are repeated with every frame, or say the same in other words, as no change', async () => {
      const clip = readClip('h264-aac');
      const trailing = Buffer.concat([clip.audioConfig ?? Buffer.alloc(0), Buffer.alloc(3)]);
      const configure: Step = { kind: 'configure', clip: { audioConfig: trailing, frames: [] } };
      const steps = play(clip).flatMap((step): Step[] => (step.kind === 'audio' ? [configure, step] : [step]));
      const sink = await segment(muxer, FRAG_2S, steps);
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(fromFirstKeyFrame(clip.frames)));
      expect(sink.fragments.some(({ discontinuity }) => discontinuity)).toBe(false);
      expect(new Set(pmtVersions(sink.bytes))).toEqual(new Set([0]));
    });

    it.each([
      ['the sample rate is explicit', '1780562210'],
      ['SBR is explicit', '2a1088'],
    ])('takes audio although %s in its header', async (_, audioConfig) => {
      const clip = readClip('h264-aac');
      const explicit = { ...clip, audioConfig: Buffer.from(audioConfig, 'hex') };
      const sink = await segment(muxer, FRAG_2S, play(explicit, clip.frames));
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(fromFirstKeyFrame(clip.frames)));
    });

    it('takes a header and sound as the last of a session', async () => {
      const clip = readClip('h264-aac');
      const sounds = clip.frames.filter(({ kind }) => kind === 'audio').slice(-2);
      const { videoConfig, audioConfig } = clip;
      if (!videoConfig || !audioConfig) throw new Error('the clip has no configuration');
      const steps: Step[] = [
        { kind: 'configure', clip: { videoConfig, frames: [] } },
        ...video(clip.frames),
        { kind: 'configure', clip: { audioConfig, frames: [] } },
        ...sounds,
      ];
      const { bytes } = await segment(muxer, FRAG_2S, steps);
      expect([0x100, 0x101].map((pid) => pesPackets(bytes, pid).length)).toEqual([300, 2]);
    });

    it.each([
      ['time 0', 0],
      ['a little before time 0', -500],
      ['the wrap of the time stamps, at a picture', WRAP_MS],
      ['26.5 hours', 26.5 * 3_600_000],
      ['the wrap of RTMP times', 2 ** 32 - 1000],
    ])('counts on over %s', async (_, atMs) => {
      const clip = readClip('h264-aac-b-frames-slices');
      const startMs = video(clip.frames)[0]?.dtsMs ?? 0;
      const frames = shifted(fromFirstKeyFrame(clip.frames), Math.floor(atMs) - startMs);
      const sink = await segment(muxer, FRAG_2S, play(clip, frames));
      expect(probedTimes(await probePackets(sink.bytes))).toEqual(expectedTimes(frames));
      const keyFrames = video(frames).filter(({ keyFrame }) => keyFrame);
      expect(sink.fragments.map(({ startDtsTicks }) => startDtsTicks)).toEqual(
        keyFrames.map(({ dtsMs }) => dtsMs * 90),
      );
      expect(await decodeComplaints(sink.bytes)).toBe('');
    });

    it.each([1, 5, 25])('writes clock references at most 100 ms apart at %d pictures per second', async (rate) => {
      const clip = readClip('h264-aac');
      const frames = fromFirstKeyFrame(clip.frames).filter((frame) => {
        return frame.kind === 'audio' || frame.keyFrame || Math.round(frame.dtsMs / 40) % (25 / rate) === 0;
      });
      const sink = await segment(muxer, FRAG_2S, play(clip, frames));
      const references = readPackets(sink.bytes).flatMap(({ pcrTicks }) => pcrTicks ?? []);
      expect(references.length).toBeGreaterThan(100);
      const steps = references.slice(1).map((ticks, index) => ticks - (references[index] ?? 0));
      expect([Math.min(...steps) >= 0, Math.max(...steps) <= 9000]).toEqual([true, true]);
    });

    it('writes nothing for audio alone', async () => {
      const { fragments } = await segment(muxer, FRAG_2S, play(readClip('aac-only')));
      expect(fragments).toEqual([]);
    });
  });

  it.each([
    'h264-aac',
    'h264-aac-b-frames-slices',
    'h264-aac-320x180-inband-parameter-sets',
    'h264-aac-open-gop',
    'h264-aac-key-frame-every-10s',
    'h264-only',
  ])('agree on the packets of %s: sizes, times, flags', async (name) => {
    const probed = await Promise.all(
      ADAPTERS.map(async ({ muxer }) => {
        const sink = await segment(muxer, FRAG_2S, play(readClip(name)));
        return { packets: await probePackets(sink.bytes), durations: sink.fragments.map((each) => each.durationMs) };
      }),
    );
    expect(probed[0]?.packets.video.length).toBeGreaterThan(0);
    expect(probed[0]).toEqual(probed[1]);
  });
});
