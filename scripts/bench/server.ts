import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { treeCpuMs } from './process-tree.ts';

/** The emulator as it is installed; with BENCH_PROGRAM, another `main.js`. */
export const EMULATOR = process.env.BENCH_PROGRAM ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const START_TIMEOUT_MS = 30_000;

/** A server under measurement: a separate process. */
export interface BenchServer {
  readonly pid: number;
  readonly port: number;
  /** User and system time since it began, of all its threads and of the processes it started. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Runs Node with `args` and waits until it prints the `http://host:port` it listens on. */
export async function startServer(args: readonly string[], cwd?: string): Promise<BenchServer> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Certificates of the machine take every server 40 ms to read.
    env: { ...process.env, NODE_ENV: 'production', NODE_EXTRA_CA_CERTS: undefined },
    ...(cwd !== undefined && { cwd }),
  });
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot run node ${args.join(' ')}`);
  // The child must not keep this process alive.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    const read = (text: string) => {
      output += text;
      const printed = /http:\/\/[\w.]+:(\d+)/.exec(output)?.[1];
      if (printed !== undefined) resolve(Number(printed));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('exit', () => reject(new Error(`node ${args[0]} ended before it listened:\n${output}`)));
    setTimeout(() => reject(new Error(`node ${args[0]} does not listen:\n${output}`)), START_TIMEOUT_MS).unref();
  });
  return {
    pid,
    port,
    cpuMs: () => treeCpuMs(pid),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', kill);
    },
  };
}

/**
 * It stores everything below `folder`.
 *
 * @param program `main.js` of the build that is started
 * @param nodeOptions of the Node that runs it
 */
export function startEmulator(
  folder: string,
  options: readonly string[] = [],
  program = EMULATOR,
  nodeOptions: readonly string[] = [],
): Promise<BenchServer> {
  const fixed = ['--host', '127.0.0.1', '--port', '0', '--rtmp-port', 'off', '--log-level', 'warn'];
  return startServer([...nodeOptions, program, ...fixed, '--data-dir', folder, ...options]);
}
