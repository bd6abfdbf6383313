/** Other versions of Node, as npm has them, and what is started with them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import lock from '../../package-lock.json' with { type: 'json' };
import { cached } from '../sdk/programs.ts';

const run = promisify(execFile);

/** Without any SQLite. */
export const OLD_NODE = '20.20.2';
/** The first that has node:sqlite without a flag, and the newest when this was written. */
export const NEWER_NODES = ['22.13.0', '24.22.3'] as const;
type NodeVersion = typeof OLD_NODE | (typeof NEWER_NODES)[number];

/** Installs it once, below node_modules/.cache. Resolves to its program. */
export async function nodeProgram(version: NodeVersion): Promise<string> {
  if (process.versions.node === version) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await cached(`node-${version}`, [], async (target) => {
    await writeFile(join(target, 'package.json'), '{"private": true}');
    const options = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...options, `${name}@${version}`], { cwd: target });
  });
  return join(folder, 'node_modules', name, 'bin/node');
}

/**
 * A folder in which better-sqlite3 was installed with its script, which fetches its addon or compiles it for a minute or two.
 * It is made once.
 */
export async function addonFor(version: NodeVersion): Promise<string> {
  const node = await nodeProgram(version);
  const addon = lock.packages['node_modules/better-sqlite3'].version;
  return cached(`better-sqlite3-${addon}-${version}`, [], async (target) => {
    await writeFile(join(target, 'package.json'), '{"private": true}');
    await npmWith(node, ['install', '--save-dev', `better-sqlite3@${addon}`], target);
  });
}

/** npm, which runs with this Node; what is compiled finds the headers beside its program. Resolves to its output. */
export async function npmWith(node: string, args: readonly string[], cwd: string): Promise<string> {
  const folder = dirname(node);
  const env = { ...ENVIRONMENT, PATH: `${folder}${delimiter}${process.env.PATH}`, npm_config_nodedir: dirname(folder) };
  return (await run('npm', ['--silent', '--no-audit', '--no-fund', '--prefer-offline', ...args], { cwd, env })).stdout;
}

/** Without the variables that vitest sets for its own processes. */
export const ENVIRONMENT = {
  ...process.env,
  VITEST: undefined,
  NODE_ENV: undefined,
  NODE_OPTIONS: undefined,
};

/** Where a command runs. */
export interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of Node to its end, whatever its exit code. */
export function runNode(node: string, args: readonly string[], cwd: string): Promise<Ended> {
  return runToEnd([node, ...args], { cwd, env: ENVIRONMENT });
}

/** Runs a command to its end, whatever its exit code; after a minute that is one without a code. */
export function runToEnd([file = '', ...args]: readonly string[], { cwd, env }: Place): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env, timeout: 60_000, killSignal: 'SIGKILL' }, (_error, out, err) => {
      resolve({ code: child.exitCode, out, err });
    });
  });
}

export interface Started {
  readonly url: string;
  /** Everything on its standard error so far. */
  errors(): string;
  /** Resolves to its exit code. */
  stop(): Promise<number | null>;
}

const HERE: Place = { cwd: process.cwd(), env: ENVIRONMENT };

/** Starts the emulator; resolves when it listens. Killed at the end of the test at the latest. */
export async function startEmulatorWith(
  [file = '', ...leading]: readonly string[],
  args: readonly string[],
  place = HERE,
): Promise<Started> {
  const open = ['--bucket', 'examplebucket:public-read-write'];
  const ports = ['--host', '127.0.0.1', '--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0'];
  const child = spawn(file, [...leading, ...ports, ...open, '--log-level', 'error', ...args], place);
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = exitOf(child);
  const url = await Promise.race([
    endpointIn(child),
    exited.then((code) => Promise.reject(new Error(`ended with ${code}: ${errors}`))),
  ]);
  return {
    url,
    errors: () => errors,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

async function endpointIn(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the output of the process is not piped');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ {2}Endpoint {4}(http:\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('it ended without an endpoint');
}
