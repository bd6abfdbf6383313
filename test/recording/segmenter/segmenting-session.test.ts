import { describe, expect, it } from 'vitest';
import type { Frame, Program, TsOutput } from '../../../src/media/frame.ts';
import type { Muxer, MuxerEvents, Segmenter } from '../../../src/recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../../src/recording/segmenter/segmenting-session.ts';
import { readClip } from './clips.ts';
import { MemorySink } from './memory-sink.ts';

const { videoConfig = Buffer.alloc(0) } = readClip('h264-aac');
const { videoConfig: otherVideoConfig = Buffer.alloc(0) } = readClip('h264-only');
const AAC_44K_STEREO = Buffer.from([0x12, 0x10]);
const AAC_48K_STEREO = Buffer.from([0x11, 0x90]);
/** ER AAC LD, an object type that ADTS cannot describe. */
const AAC_LD = Buffer.from([0xb9, 0x90]);

function picture(dtsMs: number, keyFrame = false): Frame {
  return { kind: 'video', dtsMs, compositionMs: 0, keyFrame, data: Buffer.from([0]) };
}

function sound(dtsMs: number): Frame {
  return { kind: 'audio', dtsMs, data: Buffer.from([0]) };
}

/** A muxer that writes one empty packet per frame, when the test calls it. */
class ScriptedMuxer implements Muxer {
  readonly program: Program;
  readonly output: TsOutput;
  readonly events: MuxerEvents;
  readonly taken: Frame[] = [];
  accepts = true;
  destroyed = false;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(program: Program, output: TsOutput, events: MuxerEvents) {
    this.program = program;
    this.output = output;
    this.events = events;
    output.tables(program.audioConfig !== undefined);
  }

  write(frame: Frame): boolean {
    this.taken.push(frame);
    return this.accepts;
  }

  end(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  destroy(): void {
    this.destroyed = true;
  }

  emitAll(): void {
    for (const frame of this.taken) {
      const keyFrame = frame.kind === 'audio' || frame.keyFrame;
      this.output.unit({ track: frame.kind, dtsTicks: frame.dtsMs * 90, keyFrame, packets: Buffer.alloc(188) });
    }
  }

  finish(): void {
    this.emitAll();
    this.#settle?.resolve();
  }

  fail(error: Error): void {
    this.#settle?.reject(error);
  }

  get times(): string[] {
    return this.taken.map((frame) => `${frame.kind} ${frame.dtsMs}`);
  }
}

function setUp({ audioIsKnown } = { audioIsKnown: true }) {
  const muxers: ScriptedMuxer[] = [];
  const sink = new MemorySink();
  const failures: Error[] = [];
  const calls = { drained: 0 };
  const segmenter = createSegmenter({
    rule: { fragDurationMs: 1000, maxFragDurationMs: 5000 },
    sink,
    muxer(program, output, events) {
      const muxer = new ScriptedMuxer(program, output, events);
      muxers.push(muxer);
      return muxer;
    },
    onDrain: () => calls.drained++,
    onFailure: (error) => failures.push(error),
  });
  // There is no sound, and that is known: no start is held back.
  if (audioIsKnown) segmenter.audioConfig(AAC_LD);
  return { segmenter, muxers, sink, failures, calls };
}

/** Runs the callbacks of all promises that are already resolved. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what belongs to a program', () => {
  it('is nothing before the first key frame that follows a video configuration', () => {
    const { segmenter, muxers } = setUp();
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(0, true), sound(10)]) expect(segmenter.write(frame)).toBe(true);
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(40), sound(50), picture(80, true), sound(90)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([['video 80', 'audio 90']]);
    expect(muxers[0]?.program).toEqual({ videoConfig, audioConfig: AAC_44K_STEREO, startDtsMs: 80 });
  });

  it('is no audio that is due before the first picture', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(100, true), sound(99), sound(100)]) segmenter.write(frame);
    expect(muxers[0]?.times).toEqual(['video 100', 'audio 100']);
  });

  it('is no audio without a configuration, or with one that ADTS cannot carry', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), sound(10)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_LD);
    for (const frame of [sound(20), picture(40, true), sound(50)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'video 40']]);
  });

  it('is audio from its configuration on, in a part of its own', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), picture(40), sound(50)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(80), sound(60), sound(90), picture(120, true), sound(130)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([
      ['video 0', 'video 40', 'video 80'],
      ['audio 60', 'audio 90', 'video 120', 'audio 130'],
    ]);
    // No frame that follows is due before the sound with which the part begins, or the picture before it.
    expect(muxers[1]?.program).toEqual({ videoConfig, audioConfig: AAC_44K_STEREO, startDtsMs: 60 });
  });

  it('stays the same over an audio configuration that only says what ADTS does not carry', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.write(picture(0, true));
    // Object type 5, 44.1 kHz, stereo; then 88.2 kHz for the extension, and object type 2 for the core.
    const explicitSbr = Buffer.from('2a1088', 'hex');
    const backwardCompatibleSbr = Buffer.from('121056e5a0', 'hex');
    for (const config of [backwardCompatibleSbr, Buffer.from('12100000', 'hex'), explicitSbr]) {
      expect(segmenter.audioConfig(config)).toBe('taken');
      segmenter.write(sound(10));
    }
    segmenter.write(picture(40, true));
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'audio 10', 'audio 10', 'audio 10', 'video 40']]);
  });

  it('stays the same over repeated configurations and records that cannot be read', () => {
    const { segmenter, muxers } = setUp();
    const configure = () => {
      segmenter.videoConfig(Buffer.from(videoConfig));
      segmenter.audioConfig(Buffer.from(AAC_44K_STEREO));
    };
    configure();
    segmenter.write(picture(0, true));
    configure();
    segmenter.videoConfig(Buffer.from([1, 2, 3]));
    segmenter.audioConfig(Buffer.alloc(0));
    for (const frame of [sound(10), picture(40, true)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'audio 10', 'video 40']]);
  });

  it('ends at once when the video configuration changes, and at the next key frame when the clock jumps', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), picture(40)]) segmenter.write(frame);
    segmenter.videoConfig(otherVideoConfig);
    for (const frame of [picture(80), picture(120, true)]) segmenter.write(frame);
    segmenter.discontinuity();
    for (const frame of [picture(160), picture(200, true)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([
      ['video 0', 'video 40'],
      ['video 120', 'video 160'],
      ['video 200'],
    ]);
    expect(muxers.map(({ program }) => program.videoConfig)).toEqual([videoConfig, otherVideoConfig, otherVideoConfig]);
  });

  it('ends at the next key frame when the audio configuration changes; the audio goes on in a new part until then', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(0, true), sound(10)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_48K_STEREO);
    for (const frame of [sound(20), picture(40), sound(50), picture(80, true), sound(90)]) segmenter.write(frame);
    expect(muxers.map((muxer) => muxer.times)).toEqual([
      ['video 0', 'audio 10'],
      ['audio 20', 'video 40', 'audio 50'],
      ['video 80', 'audio 90'],
    ]);
    expect(muxers.map(({ program }) => program.audioConfig)).toEqual([AAC_44K_STEREO, AAC_48K_STEREO, AAC_48K_STEREO]);
    // The sound at 20 is ahead: the next picture may be due before it.
    expect(muxers.map(({ program }) => program.startDtsMs)).toEqual([0, 0, 80]);
  });

  it('does not end at a key frame at which its first audio configuration is valid again', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(0, true), sound(10)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_48K_STEREO);
    segmenter.write(sound(20));
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [sound(30), picture(40, true), sound(50)]) segmenter.write(frame);
    expect(muxers.map((muxer) => muxer.times)).toEqual([
      ['video 0', 'audio 10'],
      ['audio 20'],
      ['audio 30', 'video 40', 'audio 50'],
    ]);
  });

  it('has no audio while its configuration is one that ADTS cannot carry, and ends at the next key frame then', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [picture(0, true), sound(10)]) segmenter.write(frame);
    expect(segmenter.audioConfig(AAC_LD)).toBe('unsupported');
    segmenter.write(sound(20));
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.write(sound(30));
    segmenter.audioConfig(AAC_LD);
    for (const frame of [sound(40), picture(80, true), sound(90)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_48K_STEREO);
    for (const frame of [sound(100), picture(120, true)]) segmenter.write(frame);
    expect(muxers.map((muxer) => muxer.times)).toEqual([
      ['video 0', 'audio 10', 'audio 30'],
      ['video 80'],
      ['audio 100', 'video 120'],
    ]);
  });

  it('does not run any number of muxers, however often the configuration changes', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    for (let change = 0; change < 100; change++) {
      segmenter.audioConfig(change % 2 === 0 ? AAC_44K_STEREO : AAC_48K_STEREO);
      segmenter.write(sound(change));
    }
    expect(muxers.length).toBe(16);
  });

  it('does not run any number of muxers, however often the clock jumps', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    for (let jump = 0; jump < 100; jump++) {
      segmenter.write(picture(jump * 40, true));
      segmenter.discontinuity();
    }
    expect(muxers.length).toBe(16);
  });

  it('does not end when the audio configuration changes there and back', () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.write(picture(0, true));
    segmenter.audioConfig(AAC_48K_STEREO);
    segmenter.audioConfig(Buffer.from(AAC_44K_STEREO));
    for (const frame of [sound(20), picture(80, true)]) segmenter.write(frame);
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'audio 20', 'video 80']]);
  });
});

describe('the start of a program whose audio configuration is not known', () => {
  function setUpUnknown() {
    const { segmenter, muxers, sink } = setUp({ audioIsKnown: false });
    segmenter.videoConfig(videoConfig);
    const write = (...frames: Frame[]) => frames.map((frame) => segmenter.write(frame));
    return { segmenter, muxers, sink, write };
  }

  it('waits for the configuration, so that the program has audio from its start', () => {
    const { segmenter, muxers, write } = setUpUnknown();
    expect(write(picture(0, true), sound(10), picture(40), picture(80, true))).toEqual([true, true, true, true]);
    expect(muxers).toEqual([]);
    segmenter.audioConfig(AAC_44K_STEREO);
    write(sound(90));
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'video 40', 'video 80', 'audio 90']]);
    expect(muxers[0]?.program).toEqual({ videoConfig, audioConfig: AAC_44K_STEREO, startDtsMs: 0 });
  });

  it('keeps copies', () => {
    const { segmenter, muxers } = setUpUnknown();
    const data = Buffer.from([1]);
    segmenter.write({ kind: 'video', dtsMs: 0, compositionMs: 0, keyFrame: true, data });
    data[0] = 2;
    segmenter.audioConfig(AAC_44K_STEREO);
    expect(muxers[0]?.taken[0]?.data).toEqual(Buffer.from([1]));
  });

  it.each<[string, Frame]>([
    ['a picture', picture(1000)],
    ['sound without a header', sound(1000)],
  ])('waits for a second, by %s', (_, frame) => {
    const { muxers, write } = setUpUnknown();
    write(picture(0, true), picture(999));
    expect(muxers).toEqual([]);
    write(frame);
    expect(muxers[0]?.times.slice(0, 2)).toEqual(['video 0', 'video 999']);
    expect(muxers[0]?.program.audioConfig).toBeUndefined();
  });

  it('waits for no more than two megabytes', () => {
    const { muxers, write } = setUpUnknown();
    const big = (dtsMs: number): Frame => ({
      kind: 'video',
      dtsMs,
      compositionMs: 0,
      keyFrame: dtsMs === 0,
      data: Buffer.alloc(1_100_000),
    });
    write(big(0), big(1));
    expect(muxers).toEqual([]);
    write(big(2));
    expect(muxers[0]?.times).toEqual(['video 0', 'video 1', 'video 2']);
  });

  it.each<[string, (segmenter: Segmenter) => unknown]>([
    ['the end', (segmenter) => segmenter.end()],
    ['a discontinuity', (segmenter) => segmenter.discontinuity()],
    ['another video configuration', (segmenter) => segmenter.videoConfig(otherVideoConfig)],
    ['an audio configuration that ADTS cannot carry', (segmenter) => segmenter.audioConfig(AAC_LD)],
  ])('is written at %s', (_, happen) => {
    const { segmenter, muxers, write } = setUpUnknown();
    write(picture(0, true), picture(40));
    happen(segmenter);
    expect(muxers.map(({ times }) => times)).toEqual([['video 0', 'video 40']]);
    expect(muxers[0]?.program).toEqual({ videoConfig, startDtsMs: 0 });
  });

  it('is gone when the segmenter is destroyed', async () => {
    const { segmenter, muxers, write } = setUpUnknown();
    write(picture(0, true));
    segmenter.destroy();
    write(picture(2000, true));
    segmenter.audioConfig(AAC_44K_STEREO);
    await segmenter.end();
    expect(muxers).toEqual([]);
  });
});

describe('parts of a program', () => {
  it('reach the sink one after the other, in one fragment, and the source waits meanwhile', async () => {
    const { segmenter, muxers, sink, calls } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    segmenter.audioConfig(AAC_44K_STEREO);
    expect(segmenter.write(sound(10))).toBe(false);
    muxers[1]?.emitAll();
    expect(sink.isOpen).toBe(false);
    muxers[0]?.finish();
    await settled();
    expect([calls.drained, sink.isOpen]).toEqual([1, true]);
    expect(segmenter.write(picture(40))).toBe(true);
    const ended = segmenter.end();
    muxers[1]?.taken.shift();
    muxers[1]?.finish();
    await ended;
    expect(sink.fragments.map(({ durationMs, discontinuity }) => [durationMs, discontinuity])).toEqual([[80, false]]);
  });

  it('mark no break inside the program, and one before its first fragment', async () => {
    const { segmenter, muxers, sink } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    segmenter.discontinuity();
    segmenter.write(picture(9000, true));
    segmenter.audioConfig(AAC_44K_STEREO);
    for (const frame of [sound(9010), picture(10_000, true)]) segmenter.write(frame);
    const ended = segmenter.end();
    for (const muxer of muxers) muxer.finish();
    await ended;
    expect(sink.fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, true, false]);
  });

  it('are all closed and aborted together', async () => {
    const { segmenter, muxers, sink, failures } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    muxers[0]?.emitAll();
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.write(sound(10));
    segmenter.destroy();
    for (const muxer of muxers) muxer.fail(new Error('destroyed'));
    await segmenter.end();
    expect([sink.aborted, sink.fragments.length, failures.length]).toEqual([1, 0, 0]);
    expect(muxers.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it('keep what came through when the first one fails while the second one runs', async () => {
    const { segmenter, muxers, sink, failures } = setUp();
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), picture(40)]) segmenter.write(frame);
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.write(sound(10));
    muxers[0]?.emitAll();
    muxers[0]?.fail(new Error('it died'));
    muxers[1]?.events.onFailure(new Error('it died too'));
    await settled();
    const ended = segmenter.end();
    muxers[1]?.fail(new Error('it died too'));
    await ended;
    expect(failures.length).toBe(1);
    expect(sink.fragments.map(({ durationMs }) => durationMs)).toEqual([80]);
  });
});

describe('programs that overlap in time', () => {
  it('reach the sink one after the other, and the source waits meanwhile', async () => {
    const { segmenter, muxers, sink, calls } = setUp();
    segmenter.videoConfig(videoConfig);
    expect(segmenter.write(picture(0, true))).toBe(true);
    segmenter.discontinuity();
    expect(segmenter.write(picture(9000, true))).toBe(false);
    muxers[1]?.emitAll();
    expect(sink.isOpen).toBe(false);
    muxers[0]?.finish();
    await settled();
    expect(calls.drained).toBe(1);
    expect(sink.fragments.map(({ startDtsTicks, discontinuity }) => [startDtsTicks, discontinuity])).toEqual([
      [0, false],
    ]);
    expect(sink.isOpen).toBe(true);
    expect(segmenter.write(picture(9040))).toBe(true);
  });

  it('mark no break before the first fragment there is', async () => {
    const { segmenter, muxers, sink } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    segmenter.discontinuity();
    segmenter.write(picture(9000, true));
    muxers[0]?.taken.splice(0);
    muxers[0]?.finish();
    await settled();
    const ended = segmenter.end();
    muxers[1]?.finish();
    await ended;
    expect(sink.fragments.map(({ discontinuity }) => discontinuity)).toEqual([false]);
  });

  it('all end before the segmenter has ended', async () => {
    const { segmenter, muxers, sink } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    segmenter.discontinuity();
    segmenter.write(picture(9000, true));
    const ended = segmenter.end();
    muxers[1]?.finish();
    muxers[0]?.finish();
    await ended;
    expect(sink.fragments.map(({ startDtsTicks }) => startDtsTicks)).toEqual([0, 810_000]);
  });
});

describe('the end', () => {
  it('passes on what a muxer says of its queue', () => {
    const { segmenter, muxers, calls } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    for (const muxer of muxers) muxer.accepts = false;
    expect(segmenter.write(picture(40))).toBe(false);
    muxers[0]?.events.onDrain();
    expect(calls.drained).toBe(1);
  });

  it('of a program lets the source go on, although its muxer was full and nothing follows yet', async () => {
    const { segmenter, muxers, calls } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    for (const muxer of muxers) muxer.accepts = false;
    expect(segmenter.write(picture(40))).toBe(false);
    segmenter.videoConfig(otherVideoConfig);
    muxers[0]?.finish();
    await settled();
    expect(calls.drained).toBe(1);
  });

  it('closes the open fragment with what came through when a muxer fails', async () => {
    const { segmenter, muxers, sink, failures } = setUp();
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), picture(40)]) segmenter.write(frame);
    muxers[0]?.emitAll();
    muxers[0]?.events.onFailure(new Error('it died'));
    muxers[0]?.fail(new Error('it died'));
    expect(segmenter.write(picture(80))).toBe(true);
    await segmenter.end();
    expect(failures.map(({ message }) => message)).toEqual(['it died']);
    expect(sink.fragments.map(({ durationMs }) => durationMs)).toEqual([80]);
    expect(muxers[0]?.taken.length).toBe(2);
  });

  it('reports a failure that comes while it ends, and resolves all the same', async () => {
    const { segmenter, muxers, failures } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    const ended = segmenter.end();
    muxers[0]?.fail(new Error('it died late'));
    await ended;
    expect(failures.map(({ message }) => message)).toEqual(['it died late']);
  });

  it('reports a muxer that cannot be made', async () => {
    const failures: Error[] = [];
    const segmenter = createSegmenter({
      rule: { fragDurationMs: 1000, maxFragDurationMs: 5000 },
      sink: new MemorySink(),
      muxer: () => {
        throw new Error('no more processes');
      },
      onDrain: () => {},
      onFailure: (error) => failures.push(error),
    });
    segmenter.videoConfig(videoConfig);
    for (const frame of [picture(0, true), picture(40, true)]) segmenter.write(frame);
    await segmenter.end();
    expect(failures.map(({ message }) => message)).toEqual(['no more processes']);
  });

  it('drops the open fragment and every muxer when it is destroyed', async () => {
    const { segmenter, muxers, sink, failures } = setUp();
    segmenter.videoConfig(videoConfig);
    segmenter.write(picture(0, true));
    muxers[0]?.emitAll();
    segmenter.discontinuity();
    segmenter.write(picture(9000, true));
    segmenter.destroy();
    for (const muxer of muxers) muxer.fail(new Error('destroyed'));
    await segmenter.end();
    expect([sink.aborted, sink.fragments.length, failures.length]).toEqual([1, 0, 0]);
    expect(muxers.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it('takes nothing more once it has come', async () => {
    const { segmenter, muxers } = setUp();
    segmenter.videoConfig(videoConfig);
    await segmenter.end();
    segmenter.write(picture(0, true));
    expect(muxers).toEqual([]);
  });
});

describe('the next cut', () => {
  /** What the segmenter tells with the pictures, and the muxer that it uses. */
  function listen() {
    const told: number[] = [];
    const muxers: ScriptedMuxer[] = [];
    const segmenter = createSegmenter({
      rule: { fragDurationMs: 1000, maxFragDurationMs: 5000 },
      sink: new MemorySink(),
      muxer(program, output, events) {
        const muxer = new ScriptedMuxer(program, output, events);
        muxers.push(muxer);
        return muxer;
      },
      onNextCut: (inMs) => told.push(inMs),
      onDrain: () => {},
      onFailure: (error) => expect.fail(error.message),
    });
    segmenter.audioConfig(AAC_44K_STEREO);
    segmenter.videoConfig(videoConfig);
    return { told, muxers, segmenter };
  }

  it('is told with every picture, by its own time, and with no sound', () => {
    const { told, muxers, segmenter } = listen();
    for (const frame of [picture(0, true), sound(10), picture(600, true)]) segmenter.write(frame);
    // A fragment is open when the muxer has written something.
    expect(told).toEqual([Infinity, Infinity]);
    muxers[0]?.emitAll();
    for (const frame of [picture(640), sound(650), picture(1150)]) segmenter.write(frame);
    expect(told.slice(2)).toEqual([1200 - 640, 1200 - 1150]);
  });

  it('is not told again when the muxer has its picture and has not written it yet', () => {
    const { told, muxers, segmenter } = listen();
    for (const frame of [picture(0, true), picture(600, true)]) segmenter.write(frame);
    muxers[0]?.emitAll();
    for (const frame of [picture(1200, true), picture(1240)]) segmenter.write(frame);
    expect(told.slice(2)).toEqual([Infinity, Infinity]);
  });

  it('is that of the program in which a picture is', () => {
    const { told, muxers, segmenter } = listen();
    for (const frame of [picture(0, true), picture(600, true)]) segmenter.write(frame);
    muxers[0]?.emitAll();
    segmenter.videoConfig(otherVideoConfig);
    segmenter.write(picture(640, true));
    expect(told.slice(2)).toEqual([Infinity]);
  });
});
