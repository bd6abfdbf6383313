import { describe, expect, it } from 'vitest';
import { RATE_WINDOW_MS, type RateSample, withSample } from '../../../src/console/state/rates.ts';

/** A push at 25 frames, 250,000 bytes of video and 16,000 bytes of audio per second. */
function lookAt(sec: number, sessionId = 'one') {
  return {
    sessionId,
    connectedMs: 0,
    remoteAddr: '127.0.0.1:1',
    video: null,
    audio: null,
    totals: { videoFrames: 25 * sec, videoBytes: 250_000 * sec, audioFrames: 43 * sec, audioBytes: 16_000 * sec },
  };
}

function samplesOf(seconds: readonly number[]): readonly RateSample[] {
  return seconds.reduce<readonly RateSample[]>((samples, sec) => withSample(samples, lookAt(sec), sec * 1000), []);
}

describe('rates', () => {
  it('are not known from one look', () => {
    expect(samplesOf([1]).at(-1)?.rates).toBeUndefined();
  });

  it('are not taken from two looks at almost the same time', () => {
    expect(samplesOf([1, 1.05]).at(-1)?.rates).toBeUndefined();
  });

  it('are what was counted, by the time in between', () => {
    const expected = { videoBitsPerSec: 2_000_000, audioBitsPerSec: 128_000, framesPerSec: 25 };
    expect(samplesOf([1, 2]).at(-1)?.rates).toEqual(expected);
    expect(samplesOf([1, 2, 3, 4, 5]).at(-1)?.rates).toEqual(expected);
  });

  it('reach back three seconds, so that a burst does not stand out', () => {
    const burst = { ...lookAt(4), totals: { ...lookAt(4).totals, videoFrames: 100 + 12 } };
    expect(withSample(samplesOf([1, 2, 3]), burst, 4000).at(-1)?.rates?.framesPerSec).toBe((112 - 25) / 3);
  });

  it('begin anew with every push', () => {
    const samples = withSample(samplesOf([1, 2, 3]), lookAt(0, 'two'), 4000);
    expect(samples).toMatchObject([{ sessionId: 'two', rates: undefined }]);
  });

  it('are forgotten when they leave the window', () => {
    const samples = withSample(samplesOf([1, 2]), lookAt(130), 1500 + RATE_WINDOW_MS);
    expect(samples.map(({ atMs }) => atMs)).toEqual([2000, 1500 + RATE_WINDOW_MS]);
  });
});
