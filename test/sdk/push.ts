import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { onTestFinished } from 'vitest';
import { namesEnvironment } from './names.ts';

export interface HeldPush {
  /** Rejects with the output of ffmpeg when it ends before the test ends it. */
  readonly failed: Promise<never>;
  end(): Promise<void>;
}

/**
 * Pushes a whole clip with `-c copy` to exactly this URL, as fast as the server accepts it, and stays connected: ffmpeg
 * reads from a pipe that is not closed before the end.
 */
export async function holdPush(clip: string, url: string): Promise<HeldPush> {
  const args = ['-hide_banner', '-v', 'error', '-f', 'flv', '-i', 'pipe:0', '-c', 'copy', '-f', 'flv', url];
  const child = spawn('ffmpeg', args, {
    env: await namesEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  const failed = gone.then(() => Promise.reject(new Error(`ffmpeg ended with ${child.exitCode}: ${stderr}`)));
  // It also ends when the test stops it; callers that race against `failed` receive the other cases.
  failed.catch(() => {});
  child.stdin.on('error', () => {}); // ffmpeg ended before it had read everything, which `failed` reports
  createReadStream(clip).pipe(child.stdin, { end: false });
  const end = async () => {
    child.stdin.end();
    await gone;
  };
  onTestFinished(end);
  return { failed, end };
}
