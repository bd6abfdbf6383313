/**
 * Makes the FLV clips under fixtures/clips with the ffmpeg on PATH: `npx tsx scripts/make-fixtures.ts`.
 *
 * Needs an ffmpeg with libx264. The clips are in the repository because encoders differ between versions, and the tests
 * need the same bytes everywhere; run this only to change them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions } from './support/command-line.ts';

readOptions(import.meta.url, {});

interface Clip {
  readonly name: string;
  readonly durationSec: number;
  /** Absent for a clip without pictures. */
  readonly video?: {
    readonly sizePx: string;
    readonly frameRate: number;
    readonly x264: string;
    readonly kbps?: number;
  };
  /** Absent for a clip without sound. */
  readonly audio?: { readonly sampleRateHz: number; readonly channels: number };
}

const STEREO_44K = { sampleRateHz: 44_100, channels: 2 };
const PLAIN = 'keyint=50:min-keyint=50:scenecut=0:bframes=0';

const CLIPS: readonly Clip[] = [
  {
    name: 'h264-aac',
    durationSec: 12,
    video: { sizePx: '640x360', frameRate: 25, x264: PLAIN },
    audio: STEREO_44K,
  },
  {
    name: 'h264-aac-b-frames-slices',
    durationSec: 8,
    video: { sizePx: '640x360', frameRate: 30, x264: 'keyint=60:min-keyint=60:scenecut=0:bframes=3:slices=3' },
    audio: STEREO_44K,
  },
  {
    name: 'h264-aac-320x180-inband-parameter-sets',
    durationSec: 4,
    video: { sizePx: '320x180', frameRate: 25, x264: `${PLAIN}:aud=1:repeat-headers=1` },
    audio: STEREO_44K,
  },
  {
    name: 'h264-aac-open-gop',
    durationSec: 6,
    video: {
      sizePx: '320x180',
      frameRate: 25,
      x264: 'keyint=50:min-keyint=50:scenecut=0:bframes=2:b-adapt=0:open-gop=1',
    },
    audio: { sampleRateHz: 48_000, channels: 1 },
  },
  {
    name: 'h264-aac-key-frame-every-10s',
    durationSec: 22,
    video: { sizePx: '160x90', frameRate: 10, x264: 'keyint=100:min-keyint=100:scenecut=0:bframes=0', kbps: 60 },
    audio: { sampleRateHz: 22_050, channels: 1 },
  },
  {
    name: 'h264-aac-160x90-slices',
    durationSec: 8,
    video: { sizePx: '160x90', frameRate: 25, x264: `${PLAIN}:slices=2`, kbps: 60 },
    audio: STEREO_44K,
  },
  { name: 'h264-only', durationSec: 6, video: { sizePx: '320x180', frameRate: 25, x264: PLAIN } },
  { name: 'aac-only', durationSec: 4, audio: STEREO_44K },
];

const folder = fileURLToPath(new URL('../fixtures/clips/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const clip of CLIPS) {
  const output = `${folder}${clip.name}.flv`;
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...inputs(clip), ...encoders(clip), '-bitexact', output]);
  process.stdout.write(`${output}\n`);
}

function inputs({ durationSec, video, audio }: Clip): string[] {
  const sources: string[] = [];
  if (video) sources.push('-f', 'lavfi', '-i', `testsrc2=size=${video.sizePx}:rate=${video.frameRate}`);
  if (audio) sources.push('-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${audio.sampleRateHz}`);
  return [...sources, '-t', String(durationSec)];
}

function encoders({ video, audio }: Clip): string[] {
  const options: string[] = [];
  if (video) {
    const kbps = video.kbps ?? 250;
    const rate = ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
    // One thread: the number of threads changes what x264 decides.
    const params = `${video.x264}:threads=1`;
    options.push('-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', ...rate, '-x264-params', params);
  }
  if (audio) options.push('-c:a', 'aac', '-b:a', '64k', '-ac', String(audio.channels));
  return options;
}
