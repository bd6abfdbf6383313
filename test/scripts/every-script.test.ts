/** Nothing is done, written or measured by a command line that is wrong, whatever the script. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 60_000;
/** They are imported by others, and do nothing themselves. */
const PARTS = ['clients-proven.ts', 'players-proven.ts', 'suites-proven.ts'];
const BELOW = ['crash/main.ts', 'cluster/main.ts', 'load/main.ts', 'demo/live.ts', 'demo/live-channel.ts'];

const SCRIPTS = [
  ...readdirSync(join(REPOSITORY, 'scripts')).filter((name) => name.endsWith('.ts') && !PARTS.includes(name)),
  ...BELOW,
].sort();

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(script: string, args: readonly string[]): Promise<Ended> {
  const options = { cwd: REPOSITORY, timeout: TIMEOUT_MS };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', join('scripts', script), ...args],
      options,
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

describe.concurrent.each(SCRIPTS)('scripts/%s', (script) => {
  it('refuses an option that it does not have, in one sentence', { timeout: TIMEOUT_MS }, async () => {
    expect(await run(script, ['--no-such-option'])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Unknown option --no-such-option.*; see --help\.\n$/),
    });
  });

  it('says with --help what it is for, and does nothing', { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout, stderr } = await run(script, ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[A-Z].*\./s);
    expect(stdout).not.toMatch(/^import /m);
  });
});
