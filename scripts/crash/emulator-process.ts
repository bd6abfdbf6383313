/** The built command as a process that may be killed at any moment. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const KILL_SWITCH = new URL('./kill-switch.mjs', import.meta.url).href;
const START_TIMEOUT_MS = 30_000;
/** Below the limit of a test, so that its failure has the output. */
const SAID_TIMEOUT_MS = 45_000;

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
  /**
   * Resolves when the output matches, also that so far: it is passed on by a pipe, and may come after an answer.
   * @throws Error with the output when it ends without that, or does not say it for a long time
   */
  said(pattern: RegExp): Promise<void>;
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
  // Each looks through all of the output, so only until it has found what it waits for: later lines are many.
  const waiting = new Set<() => void>();
  const read = (text: string) => {
    output += text;
    for (const look of [...waiting]) look();
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const found = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const match = pattern.exec(output);
        if (!match) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
    });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', kill);
      resolve({ code, output, step: /^crash at (\S+)$/m.exec(output)?.[1] });
    });
  });
  const timeout = setTimeout(kill, START_TIMEOUT_MS);
  const started = await Promise.race([found(/Endpoint +http:\/\/\S+?:(\d+)/), exited]);
  clearTimeout(timeout);
  if (!Array.isArray(started) || child.pid === undefined) return exited;
  return {
    pid: child.pid,
    port: Number(started[1]),
    exited,
    output: () => output,
    async said(pattern) {
      const isOver = new AbortController();
      const how = await Promise.race([
        found(pattern).then(() => undefined),
        exited.then(() => 'it has ended without'),
        delay(SAID_TIMEOUT_MS, 'it has not said', { signal: isOver.signal }).catch(() => undefined),
      ]);
      isOver.abort();
      if (how !== undefined && !pattern.test(output)) throw new Error(`${how} ${pattern}: ${output}`);
    },
    signal: (name) => void child.kill(name),
  };
}

export function isRunning(started: EmulatorProcess | Exit): started is EmulatorProcess {
  return 'port' in started;
}
