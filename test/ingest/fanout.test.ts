import { expect, it } from 'vitest';
import { Fanout } from '../../src/ingest/fanout.ts';
import type { Frame } from '../../src/media/frame.ts';
import type { FrameOutput } from '../../src/watch/watchable.ts';

/** Of H.264 without parameter sets, and of AAC-LC with 44.1 kHz. */
const VIDEO = Buffer.from([1, 66, 0xc0, 30, 0xfe, 0xe0, 0]);
const AUDIO = Buffer.from([0x12, 0x10]);
const FRAME: Frame = { kind: 'audio', dtsMs: 40, data: Buffer.of(1) };

const QUIET = { onFull: () => {}, onWatched: () => {}, onViewerFailed: () => {} };

class Output implements FrameOutput {
  readonly heard: string[] = [];
  ready = true;

  videoConfig(record: Buffer): void {
    this.heard.push(`video ${record.toString('hex')}`);
  }
  audioConfig(config: Buffer): void {
    this.heard.push(`audio ${config.toString('hex')}`);
  }
  write({ dtsMs }: Frame): boolean {
    this.heard.push(`frame ${dtsMs}`);
    return this.ready;
  }
  discontinuity(): void {
    this.heard.push('discontinuity');
  }
}

it('gives every output every frame, and a late one the configuration first', () => {
  const fanout = new Fanout({ ...QUIET, onFull: () => expect.unreachable('no output is full') });
  const [early, late] = [new Output(), new Output()];
  fanout.add(early);
  expect(fanout.videoConfig(VIDEO)).toBe('taken');
  expect(fanout.audioConfig(AUDIO)).toBe('taken');
  fanout.write(FRAME);
  fanout.add(late);
  fanout.discontinuity();
  fanout.write({ ...FRAME, dtsMs: 80 });
  fanout.remove(early);
  fanout.write({ ...FRAME, dtsMs: 120 });
  expect(early.heard).toEqual(['video 0142c01efee000', 'audio 1210', 'frame 40', 'discontinuity', 'frame 80']);
  expect(late.heard).toEqual(['video 0142c01efee000', 'audio 1210', 'discontinuity', 'frame 80', 'frame 120']);
});

it('keeps no frames for late viewers that the present configurations do not fit', () => {
  const fanout = new Fanout(QUIET);
  fanout.videoConfig(VIDEO);
  fanout.write({ kind: 'video', dtsMs: 0, compositionMs: 0, keyFrame: true, data: Buffer.of(1) });
  fanout.audioConfig(AUDIO);
  fanout.write(FRAME);
  fanout.audioConfig(AUDIO);
  expect(fanout.recent.map(({ dtsMs }) => dtsMs)).toEqual([0, 40]);
  fanout.audioConfig(Buffer.from([0x11, 0x90]));
  expect(fanout.recent).toEqual([]);
});

it('ends a viewer that comes after the end, when its caller knows it', async () => {
  const fanout = new Fanout(QUIET);
  fanout.videoConfig(VIDEO);
  fanout.end(false);
  let endings = 0;
  const late = Object.assign(new Output(), { ended: () => endings++ });
  fanout.watch(late);
  expect(endings).toBe(0);
  await Promise.resolve();
  expect(endings).toBe(1);
  expect(fanout.isWatched).toBe(false);
});

it('names the output that is full, and gives the frame to the others', () => {
  const full: FrameOutput[] = [];
  const fanout = new Fanout({ ...QUIET, onFull: (output) => full.push(output) });
  const [slow, quick] = [new Output(), new Output()];
  slow.ready = false;
  fanout.add(slow);
  fanout.add(quick);
  expect(fanout.write(FRAME)).toBe(true);
  expect(full).toEqual([slow]);
  expect(quick.heard).toEqual(['frame 40']);
});

it('keeps a copy of the configuration, not the bytes it was given', () => {
  const fanout = new Fanout(QUIET);
  const record = Buffer.from(VIDEO);
  fanout.videoConfig(record);
  record.fill(9);
  const late = new Output();
  fanout.add(late);
  expect(late.heard).toEqual(['video 0142c01efee000']);
});

it('passes no configuration on that cannot be read', () => {
  const fanout = new Fanout(QUIET);
  const output = new Output();
  fanout.add(output);
  expect([fanout.videoConfig(Buffer.of(1)), fanout.audioConfig(Buffer.alloc(0))]).toEqual(['unreadable', 'unreadable']);
  expect(output.heard).toEqual([]);
});

it('drops a viewer that fails, and goes on with the others', () => {
  const failures: unknown[] = [];
  const fanout = new Fanout({ ...QUIET, onViewerFailed: (error) => failures.push(error) });
  const bug = new Error('a bug');
  const broken = Object.assign(new Output(), {
    ended: () => {},
    write: () => {
      throw bug;
    },
  });
  const [recorder, viewer] = [new Output(), Object.assign(new Output(), { ended: () => {} })];
  fanout.watch(broken);
  fanout.add(recorder);
  fanout.watch(viewer);
  fanout.write(FRAME);
  fanout.write({ ...FRAME, dtsMs: 80 });
  expect(failures).toEqual([bug]);
  expect([recorder.heard, viewer.heard]).toEqual([
    ['frame 40', 'frame 80'],
    ['frame 40', 'frame 80'],
  ]);
});
