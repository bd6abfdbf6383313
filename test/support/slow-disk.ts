import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('./slow-disk.c', import.meta.url));

const run = promisify(execFile);

/** A disk that can be made slow for one process: `test/support/slow-disk.c`. Linux only. */
export interface SlowDisk {
  /** Variables of that process. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on each call takes so many milliseconds longer, or until another delay is set. */
  delay(ms: number | 'stalled'): Promise<void>;
  /** Resolves when that process has begun a call while the disk is stalled, at once if it has. */
  stalledCall(): Promise<void>;
}

/**
 * @param workFolder for its own files
 * @param slowFolder what is below it is slow
 * @throws Error when there is no gcc
 */
export async function createSlowDisk(workFolder: string, slowFolder: string): Promise<SlowDisk> {
  const library = join(workFolder, 'slow-disk.so');
  const delayPath = join(workFolder, 'slow-disk.delay');
  const reportPath = join(workFolder, 'slow-disk.report');
  await run('gcc', ['-Wall', '-O2', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl']);
  await writeFile(delayPath, '0');
  await writeFile(reportPath, '');
  const hasReport = async () => (await readFile(reportPath)).length > 0;
  return {
    env: {
      LD_PRELOAD: library,
      SLOW_DISK_FOLDER: slowFolder,
      SLOW_DISK_DELAY: delayPath,
      SLOW_DISK_REPORT: reportPath,
    },
    delay: (ms) => writeFile(delayPath, String(ms)),
    async stalledCall() {
      const watcher = watch(reportPath);
      // Listened for before each look: what changes meanwhile is not missed.
      let changed = once(watcher, 'change');
      while (!(await hasReport())) {
        await changed;
        changed = once(watcher, 'change');
      }
      watcher.close();
    },
  };
}
