import { describe, expect, it } from 'vitest';
import { MediaTimeline } from '../../src/watch/media-timeline.ts';

describe('the timeline of a broadcast', () => {
  it('is that of the publisher', () => {
    const timeline = new MediaTimeline();
    expect([timeline.at(500, 10_000), timeline.at(540, 10_040), timeline.at(520, 10_041)]).toEqual([500, 540, 520]);
  });

  it('goes on after a jump as much later as it really is, for both tracks', () => {
    const timeline = new MediaTimeline();
    timeline.at(500, 10_000);
    timeline.jump();
    expect(timeline.at(9_000_000, 10_040)).toBe(540);
    expect(timeline.at(9_000_020, 10_045)).toBe(560);
    timeline.jump();
    expect(timeline.at(0, 10_100)).toBe(615);
  });

  it('does not care for a jump before the first frame', () => {
    const timeline = new MediaTimeline();
    timeline.jump();
    expect(timeline.at(500, 10_000)).toBe(500);
  });

  it('has one relation to the wall clock, once it was asked for after the first frame', () => {
    const timeline = new MediaTimeline();
    expect(timeline.mediaMsAt(9_000)).toBeUndefined();
    timeline.at(500, 10_000);
    expect(timeline.mediaMsAt(10_250)).toBe(750);
    timeline.at(600, 11_000);
    expect(timeline.mediaMsAt(11_000)).toBe(1500);
  });
});
