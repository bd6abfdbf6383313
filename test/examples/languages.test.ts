import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { installPython } from '../sdk/programs.ts';
import { describeWith } from '../support/tools.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 300_000;

/** As in the guides: an emulator that runs a command. */
async function exec(folder: string, ...command: string[]): Promise<string> {
  const emulator = [join(ROOT, 'node_modules/.bin/tsx'), join(ROOT, 'src/main.ts'), 'exec', '--'];
  const { stdout } = await run(process.execPath, [...emulator, ...command], { cwd: join(ROOT, 'examples', folder) });
  return stdout;
}

const LIFE =
  /^push to rtmp:\/\/\S+\/examplebucket\/live\/\S+Signature=\S+\nplay at http:\/\/\S+\.m3u8\nstatus {2}Idle\n$/;

describeWith(['node'], 'the example in Node', () => {
  it('tells the life of a channel', async () => {
    expect(await exec('node', process.execPath, 'channel.mjs')).toMatch(LIFE);
  });
});

describeWith(['python3'], 'the example in Python', () => {
  it('tells the life of a channel', { timeout: TIMEOUT_MS }, async () => {
    const python = await installPython();
    expect(await exec('python', python.command, 'channel.py')).toMatch(LIFE);
  });
});

describeWith(['go'], 'the example in Go', () => {
  it('tells the life of a channel', { timeout: TIMEOUT_MS }, async () => {
    expect(await exec('go', 'go', 'run', '.')).toMatch(LIFE);
  });
});
