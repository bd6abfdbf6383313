import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithProcess } from './end-with-process.ts';
import { freePort } from './free-port.ts';

const BUILD = fileURLToPath(new URL('../../.ci/versitygw', import.meta.url));
/** Of the build, where nobody has started it before. */
export const BUILD_TIMEOUT_MS = 15 * 60_000;
const LOOK_EVERY_MS = 100;
const BUCKET = 'store';

export interface S3Server {
  readonly pid: number;
  readonly port: number;
  /** Resolves when it is stopped (SIGSTOP), and does nothing until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** For `--objects`, with a prefix of the caller; another port is that of a forwarder. */
  address(prefix: string, port?: number): string;
  stop(): Promise<void>;
}

/** A private S3 server with one bucket. Needs Go, the first time. */
export async function startS3Server(): Promise<S3Server> {
  const { stdout } = await promisify(execFile)(BUILD);
  const folder = await mkdtemp(join(tmpdir(), 'versitygw-'));
  for (const name of [`data/${BUCKET}`, 'sidecar']) await mkdir(join(folder, name), { recursive: true });
  const port = await freePort();
  const paths = ['--sidecar', join(folder, 'sidecar'), join(folder, 'data')];
  const server = spawn(
    stdout.trim(),
    ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', 'posix'].concat(paths),
    {
      env: { ...process.env, ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'testtest123' },
      stdio: 'ignore',
    },
  );
  const end = endWithProcess(['kill', '-9', String(server.pid)], ['rm', '-rf', folder]);
  while (!(await isAnswering(port))) {
    if (server.exitCode !== null) throw new Error(`versitygw has ended with ${server.exitCode}`);
    await setTimeout(LOOK_EVERY_MS);
  }
  return {
    pid: server.pid ?? 0,
    port,
    async pause() {
      server.kill('SIGSTOP');
      while (!(await isStopped(server.pid ?? 0))) await setTimeout(1);
    },
    resume: () => void server.kill('SIGCONT'),
    address: (prefix, at = port) =>
      `s3://test:testtest123@${BUCKET}/${prefix}?endpoint=${encodeURIComponent(`http://127.0.0.1:${at}`)}&region=us-east-1`,
    stop: () => end.now(),
  };
}

/** Every thread of it: the signal stops one after the other. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = threads.map(async (thread) => {
    // One that has ended meanwhile has no state.
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
    return stat.split(' ')[2];
  });
  return (await Promise.all(states)).every((state) => state === 'T');
}

function isAnswering(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
