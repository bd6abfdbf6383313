import { execFile, spawn, spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { describe } from 'vitest';

const run = promisify(execFile);

/** A program on PATH, or something that is there when a command succeeds. */
export type Tool = string | { readonly name: string; readonly probe: readonly [string, ...string[]] };

/** The right to mount, for suites that need a file system of their own. */
export const MOUNT: Tool = {
  name: 'the right to mount',
  probe: ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt'],
};

/** An IPv4 address of this machine, by which a client comes as from another machine; undefined without a network. */
export const networkAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

export const NETWORK: Tool = { name: 'a network', probe: [networkAddress === undefined ? 'false' : 'true'] };

/**
 * `describe` for a suite that needs something of the machine. Without it the suite is skipped under a name that says what
 * is missing; with CI=true it fails instead, because there nothing may be skipped.
 */
export function describeWith(tools: readonly Tool[], name: string, suite: () => void): void {
  const missing = tools.filter((tool) => !isThere(tool)).map((tool) => (typeof tool === 'string' ? tool : tool.name));
  if (missing.length === 0) {
    describe(name, suite);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      throw new Error(`missing with CI=true: ${missing.join(', ')}`);
    });
  } else {
    describe.skip(`${name} (missing: ${missing.join(', ')})`, suite);
  }
}

function isThere(tool: Tool): boolean {
  const [program, ...args] = typeof tool === 'string' ? ['which', tool] : tool.probe;
  return spawnSync(program, args).status === 0;
}

/** Decodes everything at a URL or path; resolves to the messages of ffmpeg, which are empty without errors. */
export async function decodeErrors(input: string, ...inputOptions: string[]): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', ...inputOptions, '-i', input, '-f', 'null', '-']);
  return stderr;
}

export interface Packet {
  readonly track: 'video' | 'audio';
  readonly ptsSec: number;
  readonly dtsSec: number;
  readonly sizeBytes: number;
  readonly keyFrame: boolean;
}

/** The packets ffprobe finds, in its order. */
export async function probePackets(input: string): Promise<readonly Packet[]> {
  const entries = 'packet=codec_type,pts_time,dts_time,size,flags';
  // By default a track that begins after five seconds is left out.
  const options = ['-v', 'error', '-analyzeduration', '20M', '-show_entries', entries, '-of', 'json'];
  const { stdout } = await run('ffprobe', [...options, input], { maxBuffer: 64 * 1024 * 1024 });
  const { packets }: { packets: Record<string, string>[] } = JSON.parse(stdout);
  return packets.map((packet) => ({
    track: packet.codec_type === 'video' ? 'video' : 'audio',
    ptsSec: Number(packet.pts_time),
    dtsSec: Number(packet.dts_time),
    sizeBytes: Number(packet.size),
    keyFrame: packet.flags?.startsWith('K') === true,
  }));
}

export interface FfmpegPush {
  /** Resolves when ffmpeg has ended, with its exit code (null when it was killed) and its stderr. */
  readonly done: Promise<{ readonly code: number | null; readonly stderr: string }>;
  kill(signal: NodeJS.Signals): void;
}

/** Pushes a clip with `-c copy`. `inputOptions` are the options before the input, e.g. `-re`. */
export function pushWithFfmpeg(clip: string, url: string, inputOptions: readonly string[] = []): FfmpegPush {
  const args = ['-hide_banner', '-nostdin', '-v', 'error', ...inputOptions, '-i', clip, '-c', 'copy', '-f', 'flv', url];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const done = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
  return { done, kill: (signal) => child.kill(signal) };
}
