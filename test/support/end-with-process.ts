import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface EndWithProcess {
  /** Resolves when the commands have run, now. */
  now(): Promise<void>;
}

/**
 * Runs these commands, one after the other, when this process has ended, however that was: workers of tests are killed
 * without a chance to clean up. Another process waits for that, whose input ends with this one.
 */
export function endWithProcess(...commands: readonly (readonly string[])[]): EndWithProcess {
  const lines = commands.map((words) => `${words.map(quoted).join(' ')} >/dev/null 2>&1`);
  const script = ['cat >/dev/null', ...lines].join('; ');
  const watcher = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = once(watcher, 'exit');
  watcher.unref();
  // The socket of its input, too, must not keep this process.
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return {
    async now() {
      watcher.ref();
      watcher.stdin.end();
      await ended;
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
