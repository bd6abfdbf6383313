/** `scripts/load` as a process of its own, so that its cost is not that of what is measured. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '../load/generator.ts';

const LOAD = fileURLToPath(new URL('../load/main.ts', import.meta.url));

export interface LoadProcess {
  readonly accepted: Promise<unknown>;
  readonly connected: Promise<unknown>;
  readonly report: Promise<LoadReport>;
}

/**
 * @param seconds from all connected to the end
 * @param rampSec until all have connected, which is not measured: by default forty in a second
 */
export function startLoadProcess(
  url: string,
  publishers: number,
  seconds: number,
  rampSec = Math.max(1, publishers / 40),
): LoadProcess {
  const options = ['--url', url, '--publishers', publishers, '--seconds', seconds, '--ramp', rampSec, '--json'];
  const child = spawn(process.execPath, ['--import', 'tsx', LOAD, ...options.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = new EventEmitter();
  createInterface(child.stdout).on('line', (line) => {
    const event = JSON.parse(line);
    lines.emit(event.event, event);
  });
  child.once('exit', (code) => {
    if (code !== 0) lines.emit('error', new Error(`the load generator ended with ${code}`));
  });
  return {
    accepted: once(lines, 'accepted'),
    connected: once(lines, 'connected'),
    report: once(lines, 'report').then(([report]) => report),
  };
}
