import { describe, expect, it } from 'vitest';
import { SlidingPlaylist } from '../../src/watch/sliding-playlist.ts';

const MEBIBYTE = 1024 * 1024;

describe('fragments that left the playlist', () => {
  it('are kept up to 64 MiB, the latest ones, however fast the push is', () => {
    const playlist = new SlidingPlaylist({
      first: { mediaSequence: 0, discontinuitySequence: 0 },
      minTargetDurationSec: 2,
    });
    const packets = Buffer.alloc(MEBIBYTE);
    for (let sequence = 0; sequence < 200; sequence++) playlist.add(packets, 2000, false, 0);
    const text = playlist.text((sequence) => `${sequence}.ts`, false);
    const listed = text.split('\n').filter((line) => line.endsWith('.ts')).length;
    const kept = Array.from({ length: 200 }, (_, sequence) => sequence).filter((each) => playlist.fragment(each, 0));
    expect(kept).toHaveLength(64 + listed);
    expect(kept[0]).toBe(200 - 64 - listed);
  });
});
