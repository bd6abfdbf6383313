import { describe, expect, it } from 'vitest';
import { Diagnosis } from '../../src/ingest/diagnosis.ts';

const START_MS = 1_700_000_000_000;
const FRAME_MS = 40;

interface Stream {
  readonly durationMs: number;
  readonly gopMs?: number;
  readonly audio?: boolean;
  readonly video?: boolean;
  /** The time of arrival of a frame with this media time. */
  readonly arrivalMs?: (dtsMs: number) => number;
  readonly compositionMs?: (frame: number) => number;
}

function createDiagnosis(): { diagnosis: Diagnosis; found: Map<string, string>; reports: string[] } {
  const found = new Map<string, string>();
  const reports: string[] = [];
  const report = (finding: string, detail: string) => {
    found.set(finding, detail);
    reports.push(finding);
  };
  return { diagnosis: new Diagnosis({ fragDurationMs: 5_000, report }), found, reports };
}

/** Passes 25 video and 25 audio frames per second from `fromMs` on. */
function feed(diagnosis: Diagnosis, stream: Stream, fromMs = 0): void {
  const { gopMs = 2_000, audio = true, video = true, arrivalMs = (dtsMs) => START_MS + dtsMs } = stream;
  for (let dtsMs = fromMs; dtsMs < fromMs + stream.durationMs; dtsMs += FRAME_MS) {
    const frame = dtsMs / FRAME_MS;
    const compositionMs = stream.compositionMs?.(frame) ?? 0;
    if (video) diagnosis.videoFrame(dtsMs, arrivalMs(dtsMs), (dtsMs - fromMs) % gopMs === 0, compositionMs);
    if (audio) diagnosis.audioFrame(dtsMs + 7, arrivalMs(dtsMs + 7));
  }
}

function diagnose(stream: Stream): Map<string, string> {
  const { diagnosis, found } = createDiagnosis();
  feed(diagnosis, stream);
  return found;
}

describe('Diagnosis', () => {
  it('finds nothing in a stream that is in order', () => {
    expect(diagnose({ durationMs: 60_000 }).size).toBe(0);
  });

  it('reports a key frame interval longer than FragDuration, and none that is equal to it', () => {
    expect([...diagnose({ durationMs: 20_000, gopMs: 10_000 }).keys()]).toEqual(['key-frame-interval']);
    expect(diagnose({ durationMs: 20_000, gopMs: 5_000 }).size).toBe(0);
  });

  it('reports a stream that never has a second key frame', () => {
    const found = diagnose({ durationMs: 6_000, gopMs: 3_600_000 });
    expect(found.get('key-frame-interval')).toContain('5 s');
  });

  it('reports a missing track once it is not merely late', () => {
    expect([...diagnose({ durationMs: 11_000, audio: false }).keys()]).toEqual(['no-audio']);
    expect([...diagnose({ durationMs: 11_000, video: false }).keys()]).toEqual(['no-video']);
    expect(diagnose({ durationMs: 9_000, audio: false }).size).toBe(0);
  });

  it('reports at its end a short stream of which nothing was recorded', () => {
    const { diagnosis, found, reports } = createDiagnosis();
    feed(diagnosis, { durationMs: 4_000, video: false });
    diagnosis.end();
    expect(reports).toEqual(['no-video']);
    expect(found.get('no-video')).toContain('sound for 4 s');
  });

  it('names a codec that is left out, and not its track as missing besides', () => {
    const { diagnosis, found, reports } = createDiagnosis();
    diagnosis.droppedCodec('audio', 'mp3');
    diagnosis.droppedCodec('audio', 'mp3');
    feed(diagnosis, { durationMs: 20_000, audio: false });
    expect(reports).toEqual(['audio-codec']);
    expect(found.get('audio-codec')).toContain('mp3');
  });

  it('reports B-frames, and no constant offset', () => {
    expect(diagnose({ durationMs: 1_000, compositionMs: (frame) => 80 + (frame % 2) }).size).toBe(0);
    expect([
      ...diagnose({ durationMs: 1_000, compositionMs: (frame) => [80, 160, 40][frame % 3] ?? 0 }).keys(),
    ]).toEqual(['b-frames']);
  });

  it.each([
    ['slower', (dtsMs: number) => START_MS + dtsMs * 1.02, 'behind the clock'],
    ['faster', (dtsMs: number) => START_MS + dtsMs * 0.98, 'ahead of the clock'],
  ])('reports media time that runs %s than the clock', (_, arrivalMs, detail) => {
    expect(diagnose({ durationMs: 40_000, arrivalMs }).size).toBe(0);
    const found = diagnose({ durationMs: 120_000, arrivalMs });
    expect([...found.keys()]).toEqual(['clock-drift']);
    expect(found.get('clock-drift')).toContain(detail);
  });

  it('reports a file that is pushed as fast as it goes', () => {
    expect([...diagnose({ durationMs: 12_000, arrivalMs: () => START_MS }).keys()]).toEqual(['clock-drift']);
  });

  it('takes a network that stalls and catches up for no drift', () => {
    const stalled = (dtsMs: number) => START_MS + (dtsMs > 30_000 && dtsMs < 38_000 ? 38_000 : dtsMs);
    expect(diagnose({ durationMs: 90_000, arrivalMs: stalled }).size).toBe(0);
  });

  it('takes a relay that begins with what it has kept for no drift', () => {
    const burst = (dtsMs: number) => START_MS + Math.max(0, dtsMs - 3_000);
    expect(diagnose({ durationMs: 90_000, arrivalMs: burst }).size).toBe(0);
  });

  it('reports holes by track, once', () => {
    const { diagnosis, found, reports } = createDiagnosis();
    feed(diagnosis, { durationMs: 4_000 });
    feed(diagnosis, { durationMs: 4_000 }, 7_000);
    feed(diagnosis, { durationMs: 4_000 }, 14_000);
    expect(reports).toEqual(['video-gap', 'audio-gap']);
    expect(found.get('video-gap')).toBe('no picture for 3 s of media time');
  });

  it.each([-3_600_000, 3_600_000])('reports a jump by %i ms and measures on from there', (jumpMs) => {
    const { diagnosis, reports, found } = createDiagnosis();
    const arrivalMs = (dtsMs: number) => START_MS + dtsMs;
    feed(diagnosis, { durationMs: 20_000, arrivalMs });
    diagnosis.timeJump(jumpMs);
    feed(diagnosis, { durationMs: 20_000, arrivalMs }, 20_000);
    expect(reports).toEqual(['time-jump']);
    expect(found.get('time-jump')).toContain('3600 s');
  });

  it('reports a forced cut', () => {
    const { diagnosis, found } = createDiagnosis();
    diagnosis.forcedCut(60_040);
    expect(found.get('forced-cut')).toContain('after 60 s');
  });
});
