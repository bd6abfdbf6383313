import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readFlvTags } from '../../src/media/flv/file.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';

const CACHED_CLIP = fileURLToPath(new URL('../../node_modules/.cache/load/720p30-2mbit.flv', import.meta.url));
const CLIP_SEC = 10;
const FRAME_RATE = 30;
const KEY_FRAME_EVERY_SEC = 2;

const run = promisify(execFile);

/** The tags of an FLV file; without a path those of 720p30 H.264 at 2 Mbit/s with AAC, which ffmpeg makes once. */
export async function readClip(path?: string): Promise<readonly MediaMessage[]> {
  return [...readFlvTags(await readFile(path ?? (await standardClip())))];
}

async function standardClip(): Promise<string> {
  const exists = await stat(CACHED_CLIP).catch(() => undefined);
  if (exists) return CACHED_CLIP;
  await mkdir(dirname(CACHED_CLIP), { recursive: true });
  const partial = `${CACHED_CLIP}.${process.pid}`;
  await run(
    'ffmpeg',
    [
      ['-hide_banner', '-nostdin', '-v', 'error', '-y'],
      ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${FRAME_RATE},noise=alls=12:allf=t`],
      ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100', '-t', String(CLIP_SEC)],
      ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
      ['-b:v', '1872k', '-maxrate', '1872k', '-bufsize', '1872k'],
      ['-g', String(FRAME_RATE * KEY_FRAME_EVERY_SEC), '-sc_threshold', '0'],
      ['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-f', 'flv', partial],
    ].flat(),
  );
  await rename(partial, CACHED_CLIP);
  return CACHED_CLIP;
}
