/** The built command as a process that may be killed at any moment. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const KILL_SWITCH = new URL('./kill-switch.mjs', import.meta.url).href;
const START_TIMEOUT_MS = 30_000;

export interface StartOptions {
  readonly folder: string;
  /** `main.js` of the build that is started. */
  readonly program?: string | undefined;
  readonly args?: readonly string[];
  /** A free one without. */
  readonly port?: number;
  /** 127.0.0.1 without. */
  readonly host?: string | undefined;
  /** Where it kills itself: a step and how often that is passed before. */
  readonly crashAt?: { readonly step: string; readonly skip: number } | undefined;
  /** Put before the command, e.g. `prlimit`. */
  readonly prefix?: readonly string[];
}

export interface EmulatorProcess {
  readonly pid: number;
  readonly port: number;
  /** Both outputs so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly output: string;
  /** The step at which it ended itself. */
  readonly step: string | undefined;
}

/** Starts it; resolves when it listens, or to how it ended before that. */
export async function startEmulator(options: StartOptions): Promise<EmulatorProcess | Exit> {
  const { folder, program: main = PROGRAM, args = [], host = '127.0.0.1', port = 0, crashAt, prefix = [] } = options;
  const fixed = ['--host', host, '--port', String(port), '--rtmp-port', 'off', '--webrtc-port', '0'];
  const node = [process.execPath, '--import', KILL_SWITCH, main, 'start', ...fixed, '--data-dir', folder, ...args];
  const [program = '', ...rest] = [...prefix, ...node];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', ...(crashAt && { CRASH_AT: `${crashAt.step}:${crashAt.skip}` }) },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const listening = new Promise<number>((resolve) => {
    let isListening = false;
    const read = (text: string) => {
      output += text;
      // All of it is read by this, so only until it is found: later lines are many.
      if (isListening) return;
      const port = /Endpoint +http:\/\/\S+?:(\d+)/.exec(output)?.[1];
      isListening = port !== undefined;
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
  });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', kill);
      resolve({ code, output, step: /^crash at (\S+)$/m.exec(output)?.[1] });
    });
  });
  const timeout = setTimeout(kill, START_TIMEOUT_MS);
  const started = await Promise.race([listening, exited]);
  clearTimeout(timeout);
  if (typeof started !== 'number' || child.pid === undefined) return exited;
  return { pid: child.pid, port: started, exited, output: () => output, signal: (name) => void child.kill(name) };
}

export function isRunning(started: EmulatorProcess | Exit): started is EmulatorProcess {
  return 'port' in started;
}
