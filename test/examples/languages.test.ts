import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { installPython, installPythonList } from '../sdk/programs.ts';
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

/** A folder for PATH with an `npx` that has the package already. */
async function withNpx(): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-npx-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const main = `'${process.execPath}' '${join(ROOT, 'node_modules/.bin/tsx')}' '${join(ROOT, 'src/main.ts')}'`;
  const script = `[ "$1 \${2%@latest}" = '--yes oss-livechannel-emulator' ] || exit 1\nshift 2\nexec ${main} "$@"`;
  await writeFile(join(folder, 'npx'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...process.env, PATH: `${folder}:${process.env.PATH}` };
}

describeWith(['python3'], 'the fixture for pytest', () => {
  it.each(['exec', 'npx'])('has an emulator of %s', { timeout: TIMEOUT_MS }, async (way) => {
    const python = await installPythonList('pytest', join(ROOT, 'examples/pytest/requirements.txt'));
    const command = [python, '-m', 'pytest', '-p', 'no:cacheprovider', '-q'] as const;
    const said =
      way === 'exec'
        ? await exec('pytest', ...command)
        : (await run(python, command.slice(1), { cwd: join(ROOT, 'examples/pytest'), env: await withNpx() })).stdout;
    expect(said).toMatch(/^3 passed/m);
  });
});

describeWith(['go'], 'the package for tests in Go', () => {
  it.each(['exec', 'npx'])('has an emulator of %s', { timeout: TIMEOUT_MS }, async (way) => {
    const said =
      way === 'exec'
        ? await exec('go-test', 'go', 'test', '-count=1', '-v', './...')
        : (
            await run('go', ['test', '-count=1', '-v', './...'], {
              cwd: join(ROOT, 'examples/go-test'),
              env: await withNpx(),
            })
          ).stdout;
    expect(said.match(/^--- PASS/gm)).toHaveLength(2);
  });
});

describeWith(['bash'], 'the action for GitHub', () => {
  it('tells the steps that follow where the emulator is', { timeout: TIMEOUT_MS }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-action-'));
    const [environment, output] = [join(folder, 'environment'), join(folder, 'output')];
    onTestFinished(async () => {
      process.kill(Number(await readFile(join(folder, 'oss-livechannel.pid'), 'utf8')));
      await rm(folder, { recursive: true });
    });
    const env = {
      ...(await withNpx()),
      VERSION: 'latest',
      OPTIONS: '--bucket media --channel cam',
      RUNNER_TEMP: folder,
      GITHUB_ENV: environment,
      GITHUB_OUTPUT: output,
    };
    await run('bash', [join(ROOT, 'examples/github-action/start.sh')], { env });
    const [, endpoint = ''] = /^endpoint=(.*)$/m.exec(await readFile(output, 'utf8')) ?? [];
    expect(await readFile(environment, 'utf8')).toMatch(
      new RegExp(`^OSS_ENDPOINT=${endpoint}\nOSS_REGION=cn-hangzhou\nOSS_BUCKET=media\n`),
    );
    const channels = await fetch(`${endpoint}/_emulator/channels`);
    expect(await channels.json()).toMatchObject({ channels: [{ bucket: 'media', name: 'cam' }] });
  });

  it('ends with the reason when an option is wrong', { timeout: TIMEOUT_MS }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-action-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = { ...(await withNpx()), VERSION: 'latest', OPTIONS: '--bukket media', RUNNER_TEMP: folder };
    const failed = run('bash', [join(ROOT, 'examples/github-action/start.sh')], { env });
    await expect(failed).rejects.toThrow('did you mean --bucket?');
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
