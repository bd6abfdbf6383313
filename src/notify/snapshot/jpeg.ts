import { spawn } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';

/** One picture takes a tenth of a second; a child process that is not done by then hangs. */
const TIMEOUT_MS = 10_000;
/** A JPEG of 8K video is a quarter of this. */
const MAX_JPEG_BYTES = 32 * 1024 * 1024;
const STDERR_TAIL_CHARS = 500;

/** `-flags output_corrupt`: a key frame of an open GOP is no IDR picture, and is decoded in spite of that. */
const ARGUMENTS = [
  ['-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1', '-flags', 'output_corrupt'],
  ['-f', 'h264', '-i', 'pipe:0', '-frames:v', '1', '-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
].flat();

/**
 * Makes a JPEG of one H.264 access unit with its parameter sets, by one child process. Rejects with the output of the
 * child process.
 *
 * @param ffmpegPath the program to run
 */
export function developJpeg(accessUnit: Buffer, ffmpegPath: string, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpegPath, ARGUMENTS, { detached: true, windowsHide: true });
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let complaint = '';
    const giveUp = (reason: string) => {
      complaint = reason;
      child.kill('SIGKILL');
    };
    const timer = clock.setTimeout(() => giveUp(`no picture within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    child.once('error', (error) => {
      timer.cancel();
      reject(error);
    });
    child.once('close', (code) => {
      timer.cancel();
      if (code === 0 && sizeBytes > 0) resolve(Buffer.concat(chunks, sizeBytes));
      else reject(new Error(`ffmpeg made no picture: ${complaint.trim() || `exit code ${code}`}`));
    });
    // In spite of its type a child process has no pipes when there are no free descriptors; `error` reports that.
    child.stdout?.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_JPEG_BYTES) giveUp('the picture is too large');
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-STDERR_TAIL_CHARS);
    });
    child.stdin?.on('error', () => {
      // A broken pipe: the process has ended, and `close` reports why.
    });
    child.stdin?.end(accessUnit);
  });
}
