import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

const MAIN = new URL('../../src/main.ts', import.meta.url);

export interface NodeProcess {
  readonly port: number;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the text is in the output. */
  said(text: string): Promise<void>;
}

/** What all nodes share. */
export interface SharedStores {
  readonly metadata: string;
  readonly objects: string;
}

/** A node as a process of its own, on a free port, killed at the end of the test. */
export async function startNode(name: string, stores: SharedStores): Promise<NodeProcess> {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0'];
  const { metadata, objects } = stores;
  const options = ['--auth', 'off', '--metadata', metadata, '--objects', objects, '--node-name', name];
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN.pathname, 'start', ...ports, ...options]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  const listeners = new Set<() => void>();
  const read = (text: string) => {
    output += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const found = <Found>(find: () => Found | undefined) =>
    new Promise<Found>((resolve, reject) => {
      const look = () => {
        const it = find();
        if (it !== undefined) resolve(it);
      };
      listeners.add(look);
      child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${output}`)));
      look();
    });
  const port = Number(await found(() => /Endpoint +http:\/\/\S+?:(\d+)/.exec(output)?.[1]));
  return {
    port,
    signal: (signal) => child.kill(signal),
    said: async (text) => {
      await found(() => (output.includes(text) ? true : undefined));
    },
  };
}
