/** Every command of the documents is run, or is in the list of those that are not, with the reason. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type RunningEmulator, startEmulator } from '../../src/index.ts';
import { freePort } from '../support/free-port.ts';
import { describeWith, NETWORK, networkAddress } from '../support/tools.ts';
import { NOT_RUN, type ShownCommand, shownCommands, whyNotRun } from './commands.ts';
import { ROOT, readPages } from './pages.ts';

const run = promisify(execFile);

const SHOWN = shownCommands(readPages());
const TIMEOUT_MS = 120_000;
const STARTS = /^(?:npx (?:--yes )?)?oss-livechannel(?:-emulator)?(?: start\b.*| --.*)?$/m;
/** What the guides say of the emulator that their commands are for. */
const PAST = { buckets: [{ name: 'media', channels: [{ name: 'door' }] }] };
const LAST_HOUR = { name: 'test-channel', recordings: [{ from: '-1h', to: '-1m' }] };

describe('a command of the documents', () => {
  it('is run, or the list says why not; no entry of the list is without a command', () => {
    const idle = NOT_RUN.filter(
      (entry) => !SHOWN.some(({ page, text }) => entry.pages.test(page) && entry.commands.test(text)),
    );
    expect(idle.map(({ commands }) => String(commands))).toEqual([]);
  });

  it.each([
    ...new Set(SHOWN.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name))),
  ])('npm run %s is a script', (name) => expect(Object.keys(manifest.scripts)).toContain(name));
});

describeWith(['bash', 'curl', 'openssl', NETWORK], 'what is typed', () => {
  let shared: RunningEmulator;
  let bin = '';

  beforeAll(async () => {
    shared = await startEmulator({
      host: '0.0.0.0',
      buckets: ['examplebucket:public-read', 'media'],
      channels: ['test-channel', 'cam'],
    });
    await shared.seed(PAST);
    await shared.seed({ buckets: [{ name: 'examplebucket', channels: [LAST_HOUR] }] });
    bin = await mkdtemp(join(tmpdir(), 'oss-livechannel-bin-'));
    const command = `exec '${process.execPath}' '${join(ROOT, 'test/docs/emulator-command.mjs')}' "$@"`;
    const npx = `[ "$1" = --yes ] && shift\ncase "$1" in oss-livechannel*) shift; ${command};; esac\necho "npx $1?" >&2; exit 1`;
    await Promise.all(
      Object.entries({ npx, 'oss-livechannel': command, 'oss-livechannel-emulator': command }).map(
        async ([name, script]) => {
          await writeFile(join(bin, name), `#!/bin/bash\n${script}\n`);
          await chmod(join(bin, name), 0o755);
        },
      ),
    );
    return async () => {
      await shared.stop();
      await rm(bin, { recursive: true });
    };
  });

  async function type({ text }: ShownCommand): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-typed-'));
    const pids = join(folder, 'pids');
    onTestFinished(async () => {
      const started = (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      for (const pid of started) process.kill(Number(pid));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    await writeFile(join(folder, 'past.json'), JSON.stringify(PAST));
    // An answer that refuses fails the command.
    await writeFile(join(folder, '.curlrc'), 'fail-with-body\n');
    const port = STARTS.test(text) ? await freePort() : shared.port;
    const script = text.replaceAll('192.168.1.20', networkAddress ?? '').replaceAll(':9000', `:${port}`);
    const env = {
      HOME: folder,
      LANG: 'C.UTF-8',
      PATH: `${bin}:${process.env.PATH}`,
      ROOT,
      PIDS: pids,
      OSS_LIVECHANNEL_URL: `http://127.0.0.1:${port}`,
      OSS_LIVECHANNEL_PORT: String(port),
      OSS_LIVECHANNEL_RTMP_PORT: 'off',
      OSS_LIVECHANNEL_WEBRTC_PORT: '0',
      OSS_LIVECHANNEL_MEMORY: 'true',
    };
    await run('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
  }

  it.each(
    SHOWN.filter((command) => whyNotRun(command) === undefined).map(
      (command) => [command.page, command.text, command] as const,
    ),
  )('of %s: %s', { timeout: TIMEOUT_MS }, (_, __, command) => type(command));
});
