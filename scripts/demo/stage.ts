/** The common parts of the demos: an emulator in memory, the printed steps, and the error for a deviation. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseFlags, readConfig } from '../../src/cli/command-line.ts';
import { checkOperands } from '../../src/cli/commands/command.ts';
import { startCommand } from '../../src/cli/commands/start-command.ts';
import { flagsOf } from '../../src/cli/flags-of.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { orEnd, printHelp } from '../support/command-line.ts';

/** Twelve seconds, H.264 and AAC. */
export const CLIP = fileURLToPath(new URL('../../fixtures/clips/h264-aac.flv', import.meta.url));

/** A result is not the expected one. */
class Deviation extends Error {}

/** A demo, given a running emulator and its port. */
export type Act = (emulator: Emulator, port: number) => Promise<void>;

export function expect(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Deviation(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

export function say(step: string, text: string): void {
  console.log(`${step.padEnd(10)} ${text}`);
}

export interface Push {
  /** Resolves to the exit code of ffmpeg. */
  readonly exited: Promise<number | null>;
  stop(): void;
}

/** Pushes the clip with ffmpeg in real time, once or repeatedly. */
export function pushClip(url: string, { forever = false } = {}): Push {
  const input = [...(forever ? ['-stream_loop', '-1'] : []), '-i', CLIP];
  const args = ['-hide_banner', '-nostdin', '-v', 'error', '-re', ...input, '-c', 'copy', '-f', 'flv', url];
  const encoder = spawn('ffmpeg', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = new Promise<number | null>((resolve, reject) => {
    encoder.on('error', reject);
    encoder.on('exit', resolve);
  });
  return { exited, stop: () => encoder.kill('SIGTERM') };
}

/**
 * Runs the acts with one emulator; the process exits with 1 when one deviates. Options are those of the emulator.
 * @param url of the script
 */
export async function perform(url: string, ...acts: readonly Act[]): Promise<void> {
  const { config } = orEnd(() => {
    const { flags, positionals } = parseFlags(process.argv.slice(2), flagsOf(startCommand));
    if (flags.has('help')) printHelp(url, {});
    checkOperands(startCommand, positionals);
    return readConfig({ flags, environment: process.env, folder: process.cwd() });
  });
  const free = { port: 0, rtmpPort: 0, webrtcPort: 0 };
  const emulator = new Emulator({ ...config, memory: true, host: 'localhost', ...free });
  const { port } = await emulator.start();
  try {
    for (const act of acts) await act(emulator, port);
    console.log('\nAll as expected.');
  } catch (error) {
    console.error(error instanceof Deviation ? `\nDeviation: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await emulator.stop();
  }
}
