import { describe, expect, it } from 'vitest';
import { createCamera, type SnapshotCamera } from '../../../src/notify/snapshot/camera.ts';
import { AVC_CONFIG, IDR, KEY_FRAME, PPS, SPS } from './key-frame.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);

function create(intervalMs: number): { camera: SnapshotCamera; exposed: Buffer[] } {
  const exposed: Buffer[] = [];
  return { camera: createCamera(intervalMs, (accessUnit) => exposed.push(accessUnit)), exposed };
}

/** The times of the key frames of which a picture is taken. */
function timesTaken(intervalMs: number, timesMs: readonly number[]): readonly number[] {
  const { camera, exposed } = create(intervalMs);
  camera.videoConfig(AVC_CONFIG);
  return timesMs.filter((dtsMs) => {
    const before = exposed.length;
    camera.keyFrame(KEY_FRAME, dtsMs);
    return exposed.length > before;
  });
}

describe('a snapshot camera', () => {
  it('gives the key frame as a byte stream with its parameter sets', () => {
    const { camera, exposed } = create(1_000);
    camera.videoConfig(AVC_CONFIG);
    camera.keyFrame(KEY_FRAME, 0);
    const tail = Buffer.concat([START_CODE, SPS, START_CODE, PPS, Buffer.from([0, 0, 1]), IDR]);
    expect(exposed[0]?.subarray(-tail.length).toString('hex')).toBe(tail.toString('hex'));
  });

  it('takes the first key frame of every interval', () => {
    expect(timesTaken(10_000, [500, 2_500, 9_999, 10_499, 10_500, 12_500, 20_400, 20_500])).toEqual([
      500, 10_500, 20_500,
    ]);
  });

  it('takes none for an interval without a key frame', () => {
    expect(timesTaken(2_000, [0, 10_000, 20_000])).toEqual([0, 10_000, 20_000]);
  });

  it('keeps the rhythm after a late key frame', () => {
    expect(timesTaken(5_000, [0, 7_000, 9_000, 10_000, 14_000, 15_000])).toEqual([0, 7_000, 10_000, 15_000]);
  });

  it('begins anew on a timeline that was set back', () => {
    expect(timesTaken(5_000, [100_000, 102_000, 3_000, 4_000, 8_000])).toEqual([100_000, 3_000, 8_000]);
  });

  it('takes nothing before the parameter sets are known, nor of an empty frame', () => {
    const { camera, exposed } = create(1_000);
    camera.keyFrame(KEY_FRAME, 0);
    camera.videoConfig(Buffer.from('nonsense'));
    camera.keyFrame(KEY_FRAME, 1_000);
    camera.videoConfig(AVC_CONFIG);
    camera.keyFrame(Buffer.alloc(0), 2_000);
    expect(exposed).toEqual([]);
  });
});
