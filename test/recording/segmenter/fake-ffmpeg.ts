import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A shell script with the name ffmpeg, in a folder of its own that is deleted after the test. */
export function fakeFfmpeg(body: string): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'fake-ffmpeg-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return { folder, path };
}
