import { describe, expect, it } from 'vitest';
import type { FragmentItem } from '../../../src/console/api-client.ts';
import {
  fragmentsIn,
  selection,
  shareAt,
  spansOf,
  ticksOf,
  timeAt,
} from '../../../src/console/channel/timeline-scale.ts';

function fragment(startMs: number, durationMs = 5000, sessionId = 'one'): FragmentItem {
  return { name: `${startMs}.ts`, startMs, durationMs, sessionId, sequence: 0, discontinuity: false };
}

describe('places on the timeline', () => {
  const view = { fromMs: 10_000, toMs: 20_000 };

  it('are times and back', () => {
    expect([shareAt(10_000, view), shareAt(15_000, view), shareAt(20_000, view)]).toEqual([0, 0.5, 1]);
    expect(timeAt(shareAt(12_345, view), view)).toBe(12_345);
  });

  it('past its ends are its ends', () => {
    expect([timeAt(-0.5, view), timeAt(1.5, view)]).toEqual([10_000, 20_000]);
  });
});

describe('spans', () => {
  it('join fragments that follow each other', () => {
    expect(spansOf([fragment(0), fragment(5010), fragment(10_000)])).toEqual([
      { fromMs: 0, toMs: 15_000, fragments: 3 },
    ]);
  });

  it('end at a hole and with the push', () => {
    expect(spansOf([fragment(0), fragment(6000), fragment(11_000, 5000, 'two')])).toEqual([
      { fromMs: 0, toMs: 5000, fragments: 1 },
      { fromMs: 6000, toMs: 11_000, fragments: 1 },
      { fromMs: 11_000, toMs: 16_000, fragments: 1 },
    ]);
  });

  it('of a push that came faster than time reach as far as its longest', () => {
    expect(spansOf([fragment(0, 9000), fragment(10, 2000)])).toEqual([{ fromMs: 0, toMs: 9000, fragments: 2 }]);
  });
});

describe('a selection', () => {
  it('is whole seconds, whichever way it was dragged', () => {
    expect(selection(1900, 4100)).toEqual({ fromMs: 1000, toMs: 5000 });
    expect(selection(4100, 1900)).toEqual({ fromMs: 1000, toMs: 5000 });
  });

  it('is a second at least', () => {
    expect(selection(2000, 2000)).toEqual({ fromMs: 2000, toMs: 3000 });
  });

  it('holds what begins in it, both ends included', () => {
    const fragments = [0, 1000, 2000, 3000].map((startMs) => fragment(startMs));
    expect(fragmentsIn(fragments, { fromMs: 1000, toMs: 2000 }).map(({ startMs }) => startMs)).toEqual([1000, 2000]);
  });
});

describe('ticks', () => {
  it('are round times, as many as fit', () => {
    expect(ticksOf({ fromMs: 61_000, toMs: 361_000 }, 8, 0)).toEqual([120_000, 180_000, 240_000, 300_000, 360_000]);
  });

  it('are round where the reader is', () => {
    const halfHourMs = 1_800_000;
    const ticks = ticksOf({ fromMs: 0, toMs: 4 * 3_600_000 }, 4, halfHourMs);
    expect(ticks.map((tick) => (tick + halfHourMs) % 3_600_000)).toEqual([0, 0, 0, 0]);
  });
});
