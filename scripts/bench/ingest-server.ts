/** What is asked of an RTMP server that is measured, and what those that write HLS to disk share. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const FRAGMENT_SEC = 5;
/** Everything that a run records stays listed. */
export const LISTED_FRAGMENTS = 100;
const START_ATTEMPTS = 200;

export interface IngestServer {
  readonly name: string;
  /** It is not measured with more publishers, because it starts a process for each. */
  readonly maxPublishers?: number;
  /** Why it cannot run here. */
  missing(): string | undefined;
  /** Of the programs that take part, e.g. `nginx 1.22.1`. */
  versions(): readonly string[];
  start(folder: string, publishers: number): Promise<RunningIngestServer>;
}

export interface RunningIngestServer {
  readonly pid: number;
  /** `{n}` stands for the number of the publisher. */
  readonly publishUrl: string;
  /** The text of a live playlist, once there is one. */
  playlist(publisher: number): Promise<string | undefined>;
  fragment(publisher: number, uri: string): Promise<RecordedFragment>;
  /** For a server that deletes its HLS when a push ends: called shortly before, what is listed then is what is checked. */
  keep?(): Promise<void>;
  /** Sends one request of its REST side, if it has one. */
  request?(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface RecordedFragment {
  /** A path or a URL. */
  readonly address: string;
  /** When all of it was stored. */
  readonly storedMs: number;
}

export async function fileOf(path: string): Promise<RecordedFragment> {
  return { address: path, storedMs: (await stat(path)).mtimeMs };
}

/** A server that writes `<hls>/<name>/index.m3u8`. */
export async function onDisk(child: ChildProcess, port: number, hls: string): Promise<RunningIngestServer> {
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await listening(child, port);
  return {
    pid: child.pid ?? 0,
    publishUrl: `rtmp://127.0.0.1:${port}/live/c-{n}`,
    playlist: (n) => readFile(join(hls, `c-${n}`, 'index.m3u8'), 'utf8').catch(() => undefined),
    fragment: (n, uri) => fileOf(join(hls, `c-${n}`, uri)),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', kill);
    },
  };
}

export /** @throws Error when the program ends instead, or waits for too long */
async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it listened`);
    await delay(50);
  }
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}

/** Why a program cannot be started. @param program a path, or a name that is looked for in PATH */
export function programMissing(program: string): string | undefined {
  try {
    execFileSync(program.startsWith('/') ? 'ls' : 'which', [program], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `there is no ${program}`;
  }
}
