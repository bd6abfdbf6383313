import { expect, it } from 'vitest';
import { MediaTimeline } from '../../src/watch/media-timeline.ts';

it('has one relation to the wall clock, once it was asked for after the first frame', () => {
  const timeline = new MediaTimeline();
  expect(timeline.mediaMsAt(9_000)).toBeUndefined();
  timeline.reached(500, 10_000);
  expect(timeline.mediaMsAt(10_250)).toBe(750);
  timeline.reached(600, 11_000);
  expect(timeline.mediaMsAt(11_000)).toBe(1500);
});
