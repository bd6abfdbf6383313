/** AAC input for the encoders, and measurements of decoded audio. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import { parseAudioTag } from '../../../src/media/flv/tags.ts';

export interface AacFrame {
  readonly data: Buffer;
  readonly dtsMs: number;
}

export interface AacStream {
  readonly config: Buffer;
  readonly frames: readonly AacFrame[];
  readonly flv: Buffer;
}

const SAMPLE_RATE_HZ = 48_000;

/** Silence of one second, then two of 440 Hz. */
export async function toneAfterSilence(sampleRateHz: number, channels: number): Promise<AacStream> {
  const tone = `aevalsrc='0.3*sin(880*PI*t)*gt(t,1)':s=${sampleRateHz}:d=3`;
  const output = ['-ac', String(channels), '-c:a', 'aac', '-f', 'flv', 'pipe:1'];
  return readAac(await ffmpeg(['-f', 'lavfi', '-i', tone], undefined, output));
}

/** The audio of a clip of fixtures/clips. */
export function clipSound(name: string): AacStream {
  return readAac(readFileSync(fileURLToPath(new URL(`../../../fixtures/clips/${name}`, import.meta.url))));
}

/** Decodes with ffmpeg to mono samples at 48 kHz. */
export async function hear(media: Buffer, format: string): Promise<Float32Array> {
  const pcm = await ffmpeg(['-f', format, '-i', 'pipe:0'], media, [
    '-map',
    '0:a',
    '-ac',
    '1',
    '-ar',
    String(SAMPLE_RATE_HZ),
    '-f',
    'f32le',
    'pipe:1',
  ]);
  return new Float32Array(new Uint8Array(pcm).buffer);
}

/** Start of the tone, in milliseconds from the first sample. */
export function onsetMs(samples: Float32Array): number {
  return (samples.findIndex((sample) => Math.abs(sample) > 0.05) / SAMPLE_RATE_HZ) * 1000;
}

/** The loudest frequency, to 10 Hz, and the energy of the samples (mean square). */
export function loudest(samples: Float32Array): { readonly frequencyHz: number; readonly energy: number } {
  const second = samples.subarray(-SAMPLE_RATE_HZ / 2);
  let best = { frequencyHz: 0, power: -1 };
  for (let frequencyHz = 50; frequencyHz <= 4000; frequencyHz += 10) {
    const power = powerAt(second, frequencyHz);
    if (power > best.power) best = { frequencyHz, power };
  }
  const energy = second.reduce((sum, sample) => sum + sample * sample, 0) / second.length;
  return { frequencyHz: best.frequencyHz, energy };
}

/** Goertzel's algorithm. */
function powerAt(samples: Float32Array, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ);
  let [previous, beforeThat] = [0, 0];
  for (const sample of samples) [previous, beforeThat] = [sample + coefficient * previous - beforeThat, previous];
  return previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat;
}

function readAac(flv: Buffer): AacStream {
  let config: Buffer | undefined;
  const frames: AacFrame[] = [];
  for (const { kind, timestampMs, payload } of readFlvTags(flv)) {
    if (kind !== 'audio') continue;
    const tag = parseAudioTag(payload);
    if (tag.kind === 'config') config = tag.config;
    else if (tag.kind === 'frame') frames.push({ data: tag.data, dtsMs: timestampMs });
  }
  if (!config) throw new Error('no AudioSpecificConfig in the FLV');
  return { config, frames, flv };
}

function ffmpeg(input: readonly string[], stdin: Buffer | undefined, output: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output]);
    const chunks: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && complaint === '') resolve(Buffer.concat(chunks));
      else reject(new Error(`ffmpeg: ${complaint}`));
    });
    child.stdin.on('error', () => {}); // The tool may stop reading early; its output is still the result.
    child.stdin.end(stdin);
  });
}
