import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { StreamFinding } from '../../src/events/findings.ts';
import { Diagnosis } from '../../src/ingest/diagnosis.ts';
import { Intake } from '../../src/ingest/intake.ts';
import { withLengths } from '../../src/media/access-units.ts';
import { parseAacConfig } from '../../src/media/codecs/aac.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import type { Frame } from '../../src/media/frame.ts';
import { adtsHeaderTemplate, writeAdtsHeader } from '../../src/media/mpeg-ts/adts.ts';
import { readClip, type Tags } from '../e2e/flv-tags.ts';

/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');
const isConfig = ({ kind, payload }: MediaMessage) => kind !== 'data' && payload[1] === 0;
const isFrame = ({ kind, payload }: MediaMessage) => kind !== 'data' && payload[1] === 1;

interface Passed {
  readonly frames: readonly (Frame & { readonly sizeBytes: number })[];
  readonly configs: readonly string[];
  readonly findings: readonly StreamFinding[];
  readonly texts: readonly string[];
  readonly warnings: readonly string[];
  readonly intake: Intake;
}

function pass(messages: Tags): Passed {
  const frames: (Frame & { readonly sizeBytes: number })[] = [];
  const configs: string[] = [];
  const findings: StreamFinding[] = [];
  const texts: string[] = [];
  const warnings: string[] = [];
  const clock = new ManualClock(0);
  const intake = new Intake({
    clock,
    log: createLog(
      'warn',
      (line) => warnings.push(line),
      () => 0,
    ),
    diagnosis: new Diagnosis({
      fragDurationMs: 5_000,
      report(finding, detail) {
        findings.push(finding);
        texts.push(detail);
      },
    }),
    frames: {
      videoConfig(record) {
        configs.push(`video ${record.toString('hex')}`);
        return 'taken';
      },
      audioConfig(config) {
        if (!parseAacConfig(config)) return 'unreadable';
        configs.push(`audio ${config.toString('hex')}`);
        return 'taken';
      },
      write(frame) {
        frames.push({ ...frame, sizeBytes: frame.data.length });
        return true;
      },
      discontinuity() {},
    },
  });
  for (const message of messages) {
    clock.advance(Math.max(0, message.timestampMs - clock.now()));
    // The memory of a message is used again.
    const payload = Buffer.from(message.payload);
    intake.take({ kind: message.kind, timestampMs: message.timestampMs, payload });
    payload.fill(0xee);
  }
  intake.end();
  return { frames, configs, findings, texts, warnings, intake };
}

const timesOf = ({ frames }: Passed) => frames.map(({ kind, dtsMs, sizeBytes }) => `${kind} ${dtsMs} ${sizeBytes}`);

/** The same with other composition times. */
function composed(tags: Tags, compositionMs: (index: number) => number): Tags {
  return tags.map((tag, index) => {
    if (tag.kind !== 'video' || !isFrame(tag)) return tag;
    const payload = Buffer.from(tag.payload);
    payload.writeIntBE(compositionMs(index), 2, 3);
    return { kind: tag.kind, timestampMs: tag.timestampMs, payload };
  });
}

function withAdts(tags: Tags): Tags {
  const config = tags.find((tag) => tag.kind === 'audio' && isConfig(tag))?.payload.subarray(2) ?? Buffer.alloc(0);
  const parsed = parseAacConfig(config);
  const template = (parsed && adtsHeaderTemplate(parsed)) ?? Buffer.alloc(0);
  return tags
    .filter((tag) => !(tag.kind === 'audio' && isConfig(tag)))
    .map((tag) => {
      if (tag.kind !== 'audio') return tag;
      const header = Buffer.alloc(7);
      writeAdtsHeader(header, 0, template, tag.payload.length - 2);
      const payload = Buffer.concat([tag.payload.subarray(0, 2), header, tag.payload.subarray(2)]);
      return { kind: tag.kind, timestampMs: tag.timestampMs, payload };
    });
}

describe('the intake', () => {
  it('passes a usual stream on in the order of its messages', () => {
    const passed = pass(CLIP);
    const sent = CLIP.filter(isFrame).map(
      ({ kind, timestampMs, payload }) => `${kind} ${timestampMs} ${payload.length - (kind === 'video' ? 5 : 2)}`,
    );
    expect(timesOf(passed)).toEqual(sent);
    expect(passed.configs).toHaveLength(2);
    expect(passed.findings).toEqual([]);
  });

  it('says nothing of an empty sound header, which ffmpeg sends before the real one', () => {
    const first = CLIP.find((tag) => tag.kind === 'audio');
    if (!first) throw new Error('the clip has no sound');
    const empty = { kind: first.kind, timestampMs: 0, payload: first.payload.subarray(0, 2) };
    const passed = pass([empty, ...CLIP]);
    expect(timesOf(passed)).toEqual(timesOf(pass(CLIP)));
    expect([passed.findings, passed.warnings]).toEqual([[], []]);
    expect(pass([empty, ...CLIP.filter((tag) => tag.kind === 'video' || !isConfig(tag))]).findings).toEqual([
      'no-audio-header',
    ]);
  });

  it('counts only what it passes on, in Stat too', () => {
    const { intake } = pass(CLIP.filter((tag) => !isConfig(tag)));
    expect(intake.stats.totals).toEqual({ videoFrames: 0, videoBytes: 0, audioFrames: 0, audioBytes: 0 });
    expect(intake.stats.stat(0)).toEqual({});
  });

  it.each<[string, Tags, readonly StreamFinding[]]>([
    ['without headers', CLIP.filter((tag) => !isConfig(tag)), ['no-audio-header', 'no-parameter-sets']],
    [
      'without the header of its sound',
      CLIP.filter((tag) => tag.kind === 'video' || !isConfig(tag)),
      ['no-audio-header'],
    ],
    [
      'of sound alone without its header, for a second',
      CLIP.filter((tag) => tag.kind === 'audio' && !isConfig(tag) && tag.timestampMs < 1000),
      ['no-audio-header'],
    ],
    [
      'that begins between two key frames and ends before the next',
      CLIP.filter((tag) => isConfig(tag) || (tag.timestampMs > 500 && tag.timestampMs < 1500)),
      ['no-key-frame'],
    ],
    ['whose sound header comes a second late', [...CLIP].sort((a, b) => order(a) - order(b)), []],
  ])('tells of a stream %s', (_, tags, findings) => {
    expect([...pass(tags).findings].sort()).toEqual([...findings].sort());
  });

  it('says what can be changed', () => {
    for (const text of pass(CLIP.filter((tag) => !isConfig(tag))).texts) expect(text).toMatch(/; send /);
  });

  it.each([-1, -40, -0x800000, 10_001, 0x7fffff])('shows a picture of composition time %d when it is decoded', (ms) => {
    const { frames, findings } = pass(composed(CLIP, (index) => (index % 7 === 0 ? ms : 40)));
    const times = frames.flatMap((frame) => (frame.kind === 'video' ? [frame.compositionMs] : []));
    expect(new Set(times)).toEqual(new Set([0, 40]));
    expect(findings.filter((finding) => finding === 'composition-time')).toHaveLength(1);
  });

  it('never shows a picture before it is decoded', () => {
    const times = fc.array(fc.integer({ min: -0x800000, max: 0x7fffff }), { minLength: 1, maxLength: 20 });
    const some = CLIP.slice(0, 60);
    fc.assert(
      fc.property(times, (composition) => {
        const { frames } = pass(composed(some, (index) => composition[index % composition.length] ?? 0));
        for (const frame of frames) {
          if (frame.kind !== 'video') continue;
          expect(frame.compositionMs).toBeGreaterThanOrEqual(0);
          expect(frame.compositionMs).toBeLessThanOrEqual(10_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('takes ADTS headers off, and the configuration from them', () => {
    const passed = pass(withAdts(CLIP));
    expect(timesOf(passed)).toEqual(timesOf(pass(CLIP)));
    expect(passed.configs.filter((config) => config.startsWith('audio'))).toEqual(['audio 1210']);
    expect(passed.findings).toEqual(['adts']);
  });

  it('times each of several ADTS frames in one message', () => {
    const sound = withAdts(CLIP).filter((tag) => tag.kind === 'audio');
    const joined = sound.flatMap((tag, index) => {
      if (index % 4 > 0) return [];
      const others = sound.slice(index + 1, index + 4).map(({ payload }) => payload.subarray(2));
      return [{ ...tag, payload: Buffer.concat([tag.payload, ...others]) }];
    });
    const times = pass(joined).frames.map(({ dtsMs }) => dtsMs);
    expect(times).toHaveLength(sound.length);
    // Encoders round each time, too.
    const differences = times.map((timeMs, index) => Math.abs(timeMs - (sound[index]?.timestampMs ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  it('does not let sound overtake a picture whose slices come one by one', () => {
    const clip = readClip('h264-aac-b-frames-slices');
    const divided = clip.flatMap((tag) => (tag.kind === 'video' && isFrame(tag) ? slices(tag) : [tag]));
    expect(divided.length).toBeGreaterThan(clip.length + 400);
    const passed = pass(divided);
    expect(timesOf(passed)).toEqual(timesOf(pass(clip)));
    expect(passed.findings).toContain('split-picture');
  });

  it('keeps no more sound behind the first picture than a second', () => {
    const first = CLIP.findIndex((tag) => tag.kind === 'video' && isFrame(tag));
    const still = CLIP.filter((tag, index) => tag.kind === 'audio' || index <= first);
    const { intake } = pass([]);
    for (const tag of still) intake.take(tag);
    expect(intake.stats.totals.audioFrames).toBe(still.filter((tag) => tag.kind === 'audio' && isFrame(tag)).length);
  });

  it('keeps the order of sound behind pictures that are dropped', () => {
    const joined = CLIP.filter((tag) => isConfig(tag) || tag.timestampMs > 500);
    const passed = pass(joined);
    const sent = joined.filter((tag) => tag.kind === 'audio' && isFrame(tag));
    const times = passed.frames.flatMap(({ kind, dtsMs }) => (kind === 'audio' ? [dtsMs] : []));
    expect(times).toEqual(sent.map(({ timestampMs }) => timestampMs));
    expect(passed.findings).toEqual([]);
  });

  it('throws at nothing', () => {
    const message = fc.record({
      kind: fc.constantFrom('audio' as const, 'video' as const),
      timestampMs: fc.nat(2 ** 32 - 1),
      payload: fc
        .tuple(
          fc.constantFrom('1700000000', '1701000000', '2701ffffff', 'af00', 'af01', 'af01fff1'),
          fc.uint8Array({ maxLength: 30 }),
        )
        .map(([head, rest]) => Buffer.concat([Buffer.from(head, 'hex'), rest])),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => void pass(messages)),
      { numRuns: 500 },
    );
  });
});

/** The header of the sound after a second of it. */
function order({ kind, payload, timestampMs }: MediaMessage): number {
  return kind === 'audio' && payload[1] === 0 ? 1000 : timestampMs;
}

function slices({ kind, timestampMs, payload }: MediaMessage): Tags {
  const parts: MediaMessage[] = [];
  for (let at = 5; at < payload.length; ) {
    const end = at + 4 + payload.readUInt32BE(at);
    const nalUnit = withLengths([payload.subarray(at + 4, end)], 4) ?? Buffer.alloc(0);
    parts.push({ kind, timestampMs, payload: Buffer.concat([payload.subarray(0, 5), nalUnit]) });
    at = end;
  }
  return parts;
}
