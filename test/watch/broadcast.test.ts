import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Frame } from '../../src/media/frame.ts';
import { Broadcast, type BroadcastViewer } from '../../src/watch/broadcast.ts';
import { Broadcasts } from '../../src/watch/broadcasts.ts';
import type { StreamOutput, WatchableStream } from '../../src/watch/watchable.ts';

/** SPS and PPS of a 16x16 picture; lengths of four bytes. */
const RECORD = Buffer.from('0164000affe1000767640028acd94001000668ebe3cb22c0', 'hex');
const KEY_FRAME = '00000003658884';
const P_FRAME = '00000002419a';
const B_FRAME = '00000002019e';

function video(dtsMs: number, data: string, compositionMs = 0): Frame {
  return { kind: 'video', dtsMs, compositionMs, keyFrame: data === KEY_FRAME, data: Buffer.from(data, 'hex') };
}

/** A picture that is packetized into `packets` packets. */
function largePicture(dtsMs: number, packets: number): Frame {
  const slice = Buffer.concat([Buffer.from('419a', 'hex')], 1 + packets * 1198);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(slice.length);
  return { kind: 'video', dtsMs, compositionMs: 0, keyFrame: false, data: Buffer.concat([length, slice]) };
}

class FakeStream implements WatchableStream {
  frames: readonly Frame[] = [];
  readonly outputs = new Set<StreamOutput>();

  recent() {
    return this.frames;
  }

  stat() {
    return {};
  }

  watch(output: StreamOutput): () => void {
    output.videoConfig(RECORD);
    this.outputs.add(output);
    return () => this.outputs.delete(output);
  }
}

class FakeViewer implements BroadcastViewer {
  readonly limits: number[] = [];
  more = 0;
  over = false;

  pump(limit: number): boolean {
    this.limits.push(limit);
    return this.more-- > 0;
  }

  streamEnded(): void {
    this.over = true;
  }
}

describe('a broadcast', () => {
  let clock: ManualClock;
  let stream: FakeStream;
  let lines: string[];
  const start = () =>
    new Broadcast(stream, {
      clock,
      log: createLog(
        'warn',
        (line) => lines.push(line),
        () => 0,
      ),
    });

  beforeEach(() => {
    clock = new ManualClock(1_000);
    stream = new FakeStream();
    lines = [];
  });

  it('begins with what came since the latest key frame', () => {
    stream.frames = [video(0, KEY_FRAME), { kind: 'audio', dtsMs: 10, data: Buffer.alloc(3) }, video(40, P_FRAME)];
    const broadcast = start();
    expect(broadcast.keyFrame).toBe(0);
    // Parameter sets, key frame, picture.
    expect([0, 1, 2].map((number) => broadcast.video.at(number)?.ticks)).toEqual([0, 0, 3600]);
    expect(broadcast.video.end).toBe(3);
  });

  it('has no key frame before the first, nor when it is too long ago', () => {
    const broadcast = start();
    expect(broadcast.keyFrame).toBeUndefined();
    broadcast.write(video(0, KEY_FRAME));
    expect(broadcast.keyFrame).toBe(0);
    for (let picture = 1; picture <= 5; picture++) broadcast.write(largePicture(picture * 40, 1_000));
    expect(broadcast.keyFrame).toBeUndefined();
    broadcast.write(video(400, KEY_FRAME));
    expect(broadcast.keyFrame).toBe(5_002);
  });

  it('shows pictures when they are to be seen, not when they are decoded', () => {
    const broadcast = start();
    broadcast.write(video(0, KEY_FRAME, 80));
    expect(broadcast.video.at(0)?.ticks).toBe(7200);
  });

  it('leaves B frames out, and says so once', () => {
    const broadcast = start();
    for (const dtsMs of [0, 40, 80]) broadcast.write(video(dtsMs, B_FRAME));
    expect(broadcast.video.end).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('watch.b-frames');
  });

  it('says once that nobody can begin with key frames that are not IDR pictures', () => {
    const broadcast = start();
    broadcast.write(video(0, KEY_FRAME));
    expect(lines).toEqual([]);
    // A slice of type I (7) in a NAL unit that is not IDR (1).
    const data = Buffer.from('00000003418884', 'hex');
    for (const dtsMs of [40, 80]) broadcast.write({ kind: 'video', dtsMs, compositionMs: 0, keyFrame: true, data });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('watch.open-gop');
  });

  it('lets viewers send when there is something, and again in a while while they have more', () => {
    const broadcast = start();
    const viewer = new FakeViewer();
    broadcast.add(viewer);
    viewer.more = 2;
    broadcast.write(video(0, KEY_FRAME));
    expect(viewer.limits).toHaveLength(1);
    clock.advance(4);
    expect(viewer.limits).toHaveLength(1);
    clock.advance(1);
    expect(viewer.limits).toHaveLength(2);
    clock.advance(1_000);
    expect(viewer.limits).toHaveLength(3);
  });

  it('tells its viewers that the stream ended, those who come too late as well', () => {
    const broadcast = start();
    const [early, late, gone] = [new FakeViewer(), new FakeViewer(), new FakeViewer()];
    broadcast.add(early);
    broadcast.add(gone);
    broadcast.remove(gone);
    for (const output of stream.outputs) output.ended(false);
    broadcast.add(late);
    expect([early.over, late.over, gone.over]).toEqual([true, true, false]);
  });

  it('lasts from its first viewer to its last', () => {
    const broadcasts = new Broadcasts({
      clock,
      log: createLog(
        'silent',
        () => {},
        () => 0,
      ),
    });
    const first = broadcasts.join(stream);
    const second = broadcasts.join(stream);
    expect(second.broadcast).toBe(first.broadcast);
    expect(stream.outputs.size).toBe(1);
    first.leave();
    first.leave();
    expect(stream.outputs.size).toBe(1);
    second.leave();
    expect(stream.outputs.size).toBe(0);
    expect(broadcasts.join(stream).broadcast).not.toBe(first.broadcast);
  });
});
