/** Every command of the documents is typed here, or is in the list of those that are not, with the reason. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type RunningEmulator, startEmulator } from '../../src/index.ts';
import { freePort } from '../support/free-port.ts';
import { describeWith, NETWORK, networkAddress } from '../support/tools.ts';
import { NOT_RUN, notRun, type ShownCommand, shownCommands, summary } from './commands.ts';
import { ROOT, readPages } from './pages.ts';

const run = promisify(execFile);

const SHOWN = shownCommands(readPages());
const TIMEOUT_MS = 120_000;
const STARTS = /^(?:npx (?:--yes )?)?oss-livechannel(?:-emulator)?(?: start\b.*| --.*)?$/m;
/** What the guides say of the emulator that their commands are for. */
const PAST = { buckets: [{ name: 'media', channels: [{ name: 'door' }] }] };
const LAST_HOUR = { name: 'test-channel', recordings: [{ from: '-1h', to: '-1m' }] };

describe('a command of the documents', () => {
  it('is typed, or the list says why not; no entry of the list is without a command', () => {
    console.info(summary(SHOWN));
    const idle = NOT_RUN.filter(
      (entry) => !SHOWN.some(({ page, text }) => entry.pages.test(page) && entry.commands.test(text)),
    );
    expect(idle.map(({ commands }) => String(commands))).toEqual([]);
    const missing = NOT_RUN.flatMap(({ by }) => (by === undefined || existsSync(join(ROOT, by)) ? [] : [by]));
    expect(missing).toEqual([]);
  });

  it('is counted once, also when it is shown again', () => {
    const [first, second] = ['npx oss-livechannel-emulator doctor', 'npm run docs:site'].map((text) => ({
      page: 'README.md',
      text,
    }));
    const elsewhere = { page: 'docs/scale.md', text: 'npm run bench:rest' };
    expect(summary([first, first, second, elsewhere].flatMap((command) => command ?? []))).toBe(
      '3 commands are shown: 1 are typed here, 1 are run in another form by other tests, 1 are not run',
    );
  });

  it.each([
    ...new Set(SHOWN.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name))),
  ])('npm run %s is a script', (name) => expect(Object.keys(manifest.scripts)).toContain(name));
});

/** Who types it. Other shells have a command of their own that loads a completion. */
function shellOf(text: string): 'bash' | 'fish' {
  return text.includes('completion fish') ? 'fish' : 'bash';
}

const SHELL_FLAGS = { bash: ['--norc', '-euo', 'pipefail', '-c'], fish: ['--no-config', '-c'] };

describeWith(['bash', 'curl', 'openssl', 'fish', 'ffmpeg', NETWORK], 'what is typed', () => {
  let shared: RunningEmulator;
  let bin = '';
  let data = '';

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'oss-livechannel-data-'));
    // In a folder, so that it can be backed up.
    shared = await startEmulator({
      dataDir: data,
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
      await Promise.all([bin, data].map((folder) => rm(folder, { recursive: true })));
    };
  });

  /** What the documents leave out or stands for something of the reader. */
  async function filledIn(text: string): Promise<string> {
    const room = shared.roomAddress({ appId: 'app-1', channelId: 'room', userId: 'camera-1' });
    return text
      .replace(/rtmp:\S+\?OSSAccessKeyId=\.\.\./, await shared.rtmpUrl('test-channel'))
      .replace(/rtmp:\S+\?auth_key=\.\.\./, room.rtmpAddress)
      .replaceAll('FOLDER', 'folder')
      .replaceAll('192.168.1.20', networkAddress ?? '');
  }

  /** Files that a reader has. */
  async function makeFiles(folder: string, text: string): Promise<void> {
    await writeFile(join(folder, 'past.json'), JSON.stringify(PAST));
    // An answer that refuses fails the command.
    await writeFile(join(folder, '.curlrc'), 'fail-with-body\n');
    if (text.includes('clip.mp4')) {
      const clip = join(ROOT, 'fixtures/clips/h264-aac.flv');
      await run('ffmpeg', ['-v', 'error', '-i', clip, '-t', '2', '-c', 'copy', join(folder, 'clip.mp4')]);
    }
    if (text.includes('doctor --repair')) {
      await (await startEmulator({ dataDir: join(folder, '.oss-livechannel') })).stop();
    }
  }

  /** For commands that wait for something: a push that ends, and a request that is refused. */
  async function happen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await fetch(`${shared.endpoint}/examplebucket/refused`, { method: 'PUT' });
      await (await shared.publish({ channel: 'test-channel', durationSec: 1, speed: 'max' })).done;
    }
  }

  async function type({ text }: ShownCommand): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-typed-'));
    const pids = join(folder, 'pids');
    onTestFinished(async () => {
      const started = (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      for (const pid of started) process.kill(Number(pid));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    await makeFiles(folder, text);
    const port = STARTS.test(text) ? await freePort() : shared.port;
    const script = (await filledIn(text)).replaceAll(':9000', `:${port}`);
    const hasFolder = /--data-dir|--repair/.test(text);
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
      OSS_LIVECHANNEL_MEMORY: String(!hasFolder),
    };
    const ending = new AbortController();
    const happening = /--follow|wait --for/.test(text) ? happen(ending.signal) : undefined;
    try {
      const shell = shellOf(text);
      const cwd = text.startsWith('npm run ') ? ROOT : folder;
      await run(shell, [...SHELL_FLAGS[shell], script], { cwd, env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    } finally {
      ending.abort();
      await happening;
    }
  }

  const once = new Map(
    SHOWN.filter((command) => notRun(command) === undefined).map((command) => [command.text, command]),
  );

  it.each([...once.values()].map((command) => [command.page, command.text, command] as const))(
    'of %s: %s',
    { timeout: TIMEOUT_MS },
    (_, __, command) => type(command),
  );
});
