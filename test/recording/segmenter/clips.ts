/** The FLV clips of fixtures/clips as the frames that a session passes to the segmenter. */
import { readFileSync } from 'node:fs';
import type { Frame } from '../../../src/media/frame.ts';

export interface Clip {
  readonly videoConfig?: Buffer;
  readonly audioConfig?: Buffer;
  readonly frames: readonly Frame[];
}

export function readClip(name: string): Clip {
  return parseFlv(readFileSync(new URL(`../../../fixtures/clips/${name}.flv`, import.meta.url)));
}

export function parseFlv(flv: Buffer): Clip {
  const configs: { videoConfig?: Buffer; audioConfig?: Buffer } = {};
  const frames: Frame[] = [];
  const fileHeaderSize = flv.readUInt32BE(5);
  let position = fileHeaderSize + 4;
  while (position < flv.length) {
    const type = flv.readUInt8(position);
    const body = flv.subarray(position + 11, position + 11 + flv.readUIntBE(position + 1, 3));
    const dtsMs = flv.readUIntBE(position + 4, 3) + flv.readUInt8(position + 7) * 2 ** 24;
    position += 11 + body.length + 4;
    const isSequenceHeader = body[1] === 0;
    if (type === 8 && isSequenceHeader) configs.audioConfig = body.subarray(2);
    else if (type === 9 && isSequenceHeader) configs.videoConfig = body.subarray(5);
    else if (type === 8) frames.push({ kind: 'audio', dtsMs, data: body.subarray(2) });
    else if (type === 9 && body[1] === 1) {
      const compositionMs = body.readIntBE(2, 3);
      frames.push({
        kind: 'video',
        dtsMs,
        compositionMs,
        keyFrame: body.readUInt8(0) >> 4 === 1,
        data: body.subarray(5),
      });
    }
  }
  return { ...configs, frames };
}

/** The same frames with their times shifted. */
export function shifted(frames: readonly Frame[], byMs: number): Frame[] {
  return frames.map((frame) => ({ ...frame, dtsMs: frame.dtsMs + byMs }));
}

export function lastDtsMs(frames: readonly Frame[]): number {
  return Math.max(...frames.map((frame) => frame.dtsMs));
}
