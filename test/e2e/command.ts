/** The command as a separate process, which a test may kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');

export interface Command {
  readonly child: ChildProcess;
  /** The lines of both outputs so far. */
  readonly lines: readonly string[];
  /** The first line that matches, also an earlier one; rejects when the process ended without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code; null when it was killed. */
  readonly exited: Promise<number | null>;
}

/** Runs `oss-livechannel-emulator` from the sources; killed at the end of the test at the latest. */
export function startCommand(...args: readonly string[]): Command {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const lines: string[] = [];
  const waiters = new Set<() => void>();
  const listen = (stream: Readable) =>
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of [...waiters]) look();
    });
  listen(child.stdout);
  listen(child.stderr);
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = lines.map((text) => pattern.exec(text)).find((match) => match !== null);
        if (!found) return;
        waiters.delete(look);
        resolve(found);
      };
      waiters.add(look);
      look();
      exited.then(() => reject(new Error(`the command ended without ${pattern}:\n${lines.join('\n')}`)), reject);
    });
  return { child, lines, line, exited };
}

/** On free ports; resolves when it listens. */
export async function startServing(...args: readonly string[]): Promise<Command & { readonly port: number }> {
  const command = startCommand('--port', '0', '--bucket', 'examplebucket:public-read-write', ...args);
  const [, port] = await command.line(/^ {2}Endpoint {4}http:\/\/\S+:(\d+) /);
  return { ...command, port: Number(port) };
}

/** Removed at the end of the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
