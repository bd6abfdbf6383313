import { describe, expect, it } from 'vitest';
import { recordedAtMs, throughThisHost } from '../../../src/console/channel/vod-playback.ts';

describe('the address of a playlist', () => {
  const origin = 'http://localhost:8080';

  it('is taken on the host of the page, signature and all', () => {
    const url = 'http://127.0.0.1:9000/examplebucket/cam/a.m3u8?Expires=1&Signature=x%3D';
    expect(throughThisHost(url, 'examplebucket', origin)).toBe(
      'http://localhost:8080/examplebucket/cam/a.m3u8?Expires=1&Signature=x%3D',
    );
  });

  it('stays where the bucket is in the host', () => {
    const url = 'http://examplebucket.oss.localhost:9000/cam/a.m3u8';
    expect(throughThisHost(url, 'examplebucket', origin)).toBe(url);
  });
});

describe('the playhead', () => {
  const fragments = [10_000, 60_000].map((startMs) => ({
    name: '',
    startMs,
    durationMs: 5000,
    sessionId: 'one',
    sequence: 0,
    discontinuity: false,
  }));

  it('is where that was recorded which is seen, holes skipped', () => {
    expect([0, 4000, 7000].map((mediaMs) => recordedAtMs(fragments, mediaMs))).toEqual([10_000, 14_000, 62_000]);
  });

  it('is nowhere past the end', () => {
    expect(recordedAtMs(fragments, 10_001)).toBeUndefined();
  });
});
