import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithProcess } from './end-with-process.ts';
import { freePort } from './free-port.ts';

export const HAPROXY_CONFIGURATION = fileURLToPath(new URL('../../deploy/haproxy.cfg', import.meta.url));

export interface Haproxy {
  readonly pid: number;
  readonly port: number;
  /** Resolves with the next line that matches. */
  said(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts it on a free port, which is `FRONT` of the configuration.
 * @throws Error when the configuration is not valid, or it ends before it listens
 */
export async function startHaproxy(
  configuration: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Haproxy> {
  const port = await freePort();
  const env = { PATH: process.env.PATH, FRONT: `127.0.0.1:${port}`, ...environment };
  await promisify(execFile)('haproxy', ['-c', '-q', '-f', configuration], { env });
  const proxy = spawn('haproxy', ['-db', '-f', configuration], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(proxy, 'close');
  const end = endWithProcess(['kill', '-9', String(proxy.pid)]);
  // It says nothing when it has started.
  while (!(await isListening(port))) {
    if (proxy.exitCode !== null) {
      await end.now();
      throw new Error('haproxy has ended');
    }
    await delay(10);
  }
  return {
    pid: proxy.pid ?? 0,
    port,
    said: (pattern) =>
      new Promise((resolve) => {
        createInterface({ input: proxy.stderr }).on('line', (line) => {
          if (pattern.test(line)) resolve();
        });
      }),
    async stop() {
      await end.now();
      await closed;
    },
  };
}

function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}
