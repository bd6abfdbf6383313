import { describe, expect, it } from 'vitest';
import { RecentFrames } from '../../src/ingest/recent-frames.ts';
import type { Frame } from '../../src/media/frame.ts';

const picture = (sizeBytes: number, keyFrame = false): Frame => ({
  kind: 'video',
  dtsMs: 0,
  compositionMs: 0,
  keyFrame,
  data: Buffer.alloc(sizeBytes),
});
const sound = (sizeBytes: number): Frame => ({ kind: 'audio', dtsMs: 0, data: Buffer.alloc(sizeBytes) });
const sizesOf = (recent: RecentFrames) => recent.frames.map(({ data }) => data.length);

describe('the frames kept for viewers to come', () => {
  it('begin with the latest key frame', () => {
    const recent = new RecentFrames();
    for (const frame of [picture(1), sound(2)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([]);
    for (const frame of [picture(3, true), sound(4), picture(5)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([3, 4, 5]);
    for (const frame of [picture(6, true), picture(7)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([6, 7]);
  });

  it('fill the bound exactly; one byte more, and none is kept until the next key frame', () => {
    const recent = new RecentFrames(100);
    for (const frame of [picture(60, true), sound(40)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([60, 40]);
    for (const frame of [picture(1), picture(1), sound(1)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([]);
    for (const frame of [picture(99, true), sound(1)]) recent.add(frame);
    expect(sizesOf(recent)).toEqual([99, 1]);
    recent.add(picture(101, true));
    expect(sizesOf(recent)).toEqual([]);
  });

  it('are 65,536 at most, however small they are', () => {
    const recent = new RecentFrames();
    recent.add(picture(1, true));
    for (let count = 1; count < 65_536; count++) recent.add(sound(1));
    expect(recent.frames).toHaveLength(65_536);
    recent.add(sound(1));
    expect(recent.frames).toEqual([]);
  });

  it('are 16 MiB at most', () => {
    const recent = new RecentFrames();
    recent.add(picture(16 * 1024 * 1024, true));
    expect(sizesOf(recent)).toEqual([16 * 1024 * 1024]);
    recent.add(sound(1));
    expect(sizesOf(recent)).toEqual([]);
  });

  it('are copies, and do not change under a viewer that reads them', () => {
    const recent = new RecentFrames();
    const frame = picture(1, true);
    recent.add(frame);
    frame.data.fill(9);
    const { frames } = recent;
    recent.clear();
    expect(frames.map(({ data }) => data)).toEqual([Buffer.alloc(1)]);
    expect(recent.frames).toEqual([]);
  });
});
