/** The commands that look at what happens, and that move everything: logs, wait, export, import, and the start and end with both. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { type RunningEmulator, startEmulator } from '../../../src/index.ts';

/** The program runs in another folder, from which it cannot be found. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(): Promise<RunningEmulator> {
  const emulator = await startEmulator({ auth: 'off', clock: new ManualClock(Date.UTC(2026, 0, 5, 12, 0, 0, 500)) });
  onTestFinished(() => emulator.stop());
  return emulator;
}

interface Run {
  readonly child: ChildProcessWithoutNullStreams;
  readonly done: Promise<{ readonly code: number | null; readonly out: Buffer; readonly err: string }>;
}

interface Given {
  readonly input?: string | Buffer;
  readonly url?: string;
}

/** The real program, whose output nobody reads yet. */
function begin(args: readonly string[], { input = '', url }: Given = {}): ChildProcessWithoutNullStreams {
  const main = new URL('../../../src/main.ts', import.meta.url).pathname;
  const env = { ...process.env, NO_COLOR: '1', ...(url !== undefined && { OSS_LIVECHANNEL_URL: url }) };
  const child = spawn(process.execPath, ['--import', TSX, main, ...args], { env, cwd: folder, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return child;
}

function run(args: readonly string[], given: Given = {}): Run {
  const child = begin(args, given);
  const done = Promise.all([once(child, 'exit'), buffer(child.stdout), text(child.stderr)]).then(
    ([[code], out, err]) => ({ code, out, err }),
  );
  return { child, done };
}

/** The environment of an emulator that the program has started, from its first line. */
async function startedUrl({ child }: Pick<Run, 'child'>): Promise<string> {
  const [line] = await once(child.stdout, 'data');
  return JSON.parse(String(line)).environment.OSS_LIVECHANNEL_URL;
}

describe('what a command prints', () => {
  const names = Array.from({ length: 600 }, (_, index) => `channel-${index}`);
  const startMany = async () => {
    const emulator = await start();
    const channels = names.map((name) => ({ name, description: 'x'.repeat(128) }));
    await emulator.seed({ buckets: [{ name: 'many', channels }] });
    return emulator;
  };

  it('comes whole through a pipe that is read late, also what happened', async () => {
    const { endpoint: url } = await startMany();
    for (let count = 0; count < 1_000; count++) await fetch(`${url}/none/${'x'.repeat(500)}`);
    const child = begin(['logs', '--json', '--type', 'request.answered'], { url });
    const exited = once(child, 'exit');
    await once(child.stdout, 'readable');
    await run(['channels', '--json'], { url }).done;
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    expect(await exited).toEqual([0, null]);
    expect(lines.length).toBeGreaterThanOrEqual(1_000);
  });

  it('comes whole through a pipe that is read late', async () => {
    const { endpoint: url } = await startMany();
    const child = begin(['channels', '--json'], { url });
    const exited = once(child, 'exit');
    await once(child.stdout, 'readable');
    // Meanwhile the pipe is full, and the command has nothing left to do.
    await run(['channels', '--json'], { url }).done;
    expect(child.exitCode).toBe(null);
    const out = await text(child.stdout);
    expect(await exited).toEqual([0, null]);
    const listed: { name: string }[] = JSON.parse(out).channels;
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });

  it('is not waited for by an emulator whose log nobody reads', async () => {
    const child = begin(['start', '--json', '--memory', '--port', '0', '--rtmp-port', 'off', '--log-level', 'debug']);
    const url = await startedUrl({ child });
    const exited = once(child, 'exit');
    // More than the pipe and the stream of this process take.
    for (let count = 0; count < 400; count++) await fetch(`${url}/none/${'x'.repeat(1_000)}`);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('may have a reader who has left', async () => {
    const child = begin(['start', '--json', '--memory', '--port', '0', '--rtmp-port', 'off']);
    const exited = once(child, 'exit');
    await startedUrl({ child });
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it.runIf(existsSync('/dev/full')).each([['channels', '--json'], ['logs'], ['logs', '--follow'], ['export', '-']])(
    'and cannot be written is a failure that is told: %s %s',
    async (...args) => {
      const { endpoint: url } = await startMany();
      const main = new URL('../../../src/main.ts', import.meta.url).pathname;
      const full = await open('/dev/full', 'w');
      const env = { ...process.env, OSS_LIVECHANNEL_URL: url };
      const child = spawn(process.execPath, ['--import', TSX, main, ...args], {
        env,
        cwd: folder,
        stdio: ['ignore', full.fd, 'pipe'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const [[code], told] = await Promise.all([once(child, 'exit'), text(child.stderr ?? Readable.from([]))]);
      await full.close();
      expect({ code, told }).toEqual({ code: 2, told: expect.stringContaining('cannot be written: ') });
      expect(told).toContain('ENOSPC');
    },
  );
});

describe('vod', () => {
  it('makes a day that ends now, with its defaults, whatever the millisecond', async () => {
    const emulator = await start();
    await emulator.seed({
      buckets: [{ name: 'examplebucket', channels: [{ name: 'day', recordings: [{ from: '-30h', to: 'now' }] }] }],
    });
    const { code, out, err } = await run(['vod', '--channel', 'day'], { url: emulator.endpoint }).done;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const playlist = await (await fetch(out.toString().trim())).text();
    expect(playlist.match(/#EXTINF/g)).toHaveLength(14_400);
  });

  it('has what was stored in this very second', async () => {
    const emulator = await start();
    await (await emulator.publish({ channel: 'cam', durationSec: 12, speed: 'max' })).done;
    expect((await run(['vod', '--channel', 'cam'], { url: emulator.endpoint }).done).code).toBe(0);
  });

  it('is refused for more than a day', async () => {
    const emulator = await start();
    const { code, err } = await run(['vod', '--channel', 'test-channel', '--from', '-86401s'], {
      url: emulator.endpoint,
    }).done;
    expect([code, err]).toEqual([1, expect.stringContaining('must not exceed one day')]);
  });
});

describe('logs', () => {
  it('filters by type, bucket, channel, level and time', async () => {
    const emulator = await start();
    const of = async (...flags: readonly string[]) => {
      const { code, out, err } = await run(['logs', '--json', ...flags], { url: emulator.endpoint }).done;
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).type);
    };
    await (await emulator.publish({ channel: 'cam', durationSec: 6, speed: 'max' })).done;
    await fetch(`${emulator.endpoint}/none/none`);
    await emulator.clock.advance(3_600_000);
    await (await emulator.publish({ channel: 'door', durationSec: 6, speed: 'max' })).done;
    expect(await of('--type', 'publish.accepted,publish.ended')).toEqual([
      'publish.accepted',
      'publish.ended',
      'publish.accepted',
      'publish.ended',
    ]);
    expect(await of('--type', 'publish.ended', '--channel', 'cam')).toEqual(['publish.ended']);
    expect(await of('--bucket', 'none')).toEqual(['request.answered']);
    expect(await of('--type', 'publish.ended', '--since', '-10m')).toEqual(['publish.ended']);
    expect(await of('--level', 'warn', '--bucket', 'none')).toEqual(['request.answered']);
    expect(await of('--level', 'error')).toEqual([]);
  });

  it('follows until it is stopped, in lines for people', async () => {
    const emulator = await start();
    const following = run(['logs', '--follow', '--type', 'publish.ended'], { url: emulator.endpoint });
    await (await emulator.publish({ channel: 'cam', durationSec: 6, speed: 'max' })).done;
    const [first] = await once(following.child.stdout, 'data');
    expect(String(first)).toMatch(
      /^2026-01-05T12:00:00\.500Z info {2}publish\.ended bucket=examplebucket channel=cam sessionId=\S+ cause=unpublished\n$/,
    );
    following.child.kill('SIGINT');
    expect((await following.done).code).toBe(0);
  });

  it('ends well when nobody reads on', async () => {
    const emulator = await start();
    const following = run(['logs', '--follow', '--type', 'publish.ended'], { url: emulator.endpoint });
    following.done.catch(() => {});
    await (await emulator.publish({ channel: 'cam', durationSec: 1, speed: 'max' })).done;
    await once(following.child.stdout, 'data');
    following.child.stdout.destroy();
    const exited = once(following.child, 'exit');
    await (await emulator.publish({ channel: 'cam', durationSec: 1, speed: 'max' })).done;
    expect(await exited).toEqual([0, null]);
  });

  it.each([
    [['--type', 'publish.endet'], '--type: unknown event "publish.endet" (did you mean "publish.ended"?).'],
    [['--level', 'warning'], '--level: unknown level "warning" (known are debug, info, warn, error).'],
    [['--since', 'soon'], '--since must be an ISO 8601 time'],
  ])('refuses %j', async (flags, message) => {
    const { code, err } = await run(['logs', ...flags], { url: 'http://127.0.0.1:1' }).done;
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('wait', () => {
  it('ends with the event', async () => {
    const emulator = await start();
    const waiting = run(['wait', '--for', 'publish.ended', '--channel', 'cam', '--json'], { url: emulator.endpoint });
    // It asks for the latest event, then for the next one.
    await expect
      .poll(
        async () => {
          await (await emulator.publish({ channel: 'cam', durationSec: 1, speed: 'max' })).done;
          return waiting.child.exitCode;
        },
        { timeout: 45_000 },
      )
      .toBe(0);
    const { out } = await waiting.done;
    expect(JSON.parse(out.toString())).toMatchObject({ type: 'publish.ended', channel: 'cam' });
  });

  it('takes one that has happened since, and gives up after its time', async () => {
    const emulator = await start();
    await (await emulator.publish({ channel: 'cam', durationSec: 1, speed: 'max' })).done;
    const past = await run(['wait', '--for', 'publish.ended', '--since', '-1m'], { url: emulator.endpoint }).done;
    expect([past.code, past.out.toString()]).toEqual([0, expect.stringContaining('publish.ended')]);
    const none = await run(['wait', '--for', 'publish.ended', '--timeout', '0.2', '--json'], { url: emulator.endpoint })
      .done;
    expect(none.code).toBe(1);
    expect(JSON.parse(none.err)).toEqual({ error: 'No publish.ended has happened within 0.2 s.', exitCode: 1 });
  });
});

describe('an error with --json', () => {
  it.each([
    [
      'of the line',
      ['vod', '--chanel', 'x', '--json'],
      2,
      'Unknown option --chanel (did you mean --channel?); see --help.',
    ],
    ['of a command', ['vod', '--json'], 2, 'Name the channel with --channel NAME.'],
    ['of an unknown command', ['vodd', '--json'], 2, 'Unknown command "vodd" (did you mean "vod"?); see --help.'],
    ['of a start', ['--port', 'x', '--json'], 2, '--port (OSS_LIVECHANNEL_PORT) must be a port, 0 to 65535, not "x".'],
    [
      'without an emulator',
      ['channels', '--json', '--url', 'http://127.0.0.1:1'],
      3,
      expect.stringContaining('No emulator answers'),
    ],
  ])('%s is JSON', async (_what, line, exitCode, error) => {
    const { code, out, err } = await run(line).done;
    expect(JSON.parse(err)).toEqual({ error, exitCode });
    expect([code, out.length]).toEqual([exitCode, 0]);
  });
});

describe('export and import', () => {
  it('move everything through a file, and through a pipe', async () => {
    const [from, to] = [await start(), await start()];
    await fetch(`${from.endpoint}/examplebucket/a`, { method: 'PUT', body: 'a'.repeat(200_000) });
    const file = join(folder, 'moved.tar');
    const exported = await run(['export', 'moved.tar', '--json'], { url: from.endpoint }).done;
    expect(JSON.parse(exported.out.toString())).toEqual({ file, sizeBytes: (await stat(file)).size });
    const imported = await run(['import', 'moved.tar'], { url: to.endpoint }).done;
    expect([imported.code, imported.out.toString()]).toEqual([
      0,
      expect.stringMatching(/^Imported in \d+ ms: buckets 1, objects 1, /),
    ]);
    expect(await (await fetch(`${to.endpoint}/examplebucket/a`)).text()).toHaveLength(200_000);

    const piped = await run(['export', '-'], { url: from.endpoint }).done;
    expect(piped.out.length).toBe((await stat(file)).size);
    const third = await start();
    const taken = await run(['import', '-'], { url: third.endpoint, input: piped.out }).done;
    expect([taken.code, taken.err]).toEqual([0, '']);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('delete what an export that was killed has left', async () => {
    const emulator = await start();
    const killed = spawn(process.execPath, ['-e', '']);
    await once(killed, 'exit');
    const left = `left.tar.partial-${hostname()}-${killed.pid}`;
    const spool = join(tmpdir(), `oss-livechannel-export-${hostname()}-${killed.pid}-abc123`);
    await writeFile(join(folder, left), '');
    await mkdir(spool);
    onTestFinished(() => rm(spool, { recursive: true, force: true }));
    expect((await run(['export', 'left.tar'], { url: emulator.endpoint }).done).code).toBe(0);
    expect(await readdir(folder)).not.toContain(left);
    expect(existsSync(spool)).toBe(false);
  });

  it('say in one sentence what is wrong', async () => {
    const emulator = await start();
    await writeFile(join(folder, 'letter.txt'), 'a letter '.repeat(1_000_000));
    const of = async (...line: readonly string[]) => {
      const { code, err } = await run(line, { url: emulator.endpoint }).done;
      return [code, err.trimEnd()];
    };
    expect(await of('import', 'letter.txt')).toEqual([
      1,
      expect.stringMatching(/^What was given is no export of this emulator.*\.$/),
    ]);
    expect(await of('import', 'none.tar')).toEqual([2, `There is no file ${join(folder, 'none.tar')} for the import.`]);
    expect(await of('import', '.')).toEqual([2, expect.stringMatching(/cannot be read: .*\.$/)]);
    expect(await of('export', join('no', 'x.tar'))).toEqual([
      2,
      `There is no folder ${join(folder, 'no')} for the export: make it, or name a file elsewhere.`,
    ]);
    expect(await of('export', '.')).toEqual([2, `${folder} is a folder: name a file in it, e.g. export.tar.`]);
    expect(await of('export')).toEqual([2, expect.stringContaining('Name the file')]);
  });
});

describe('start', () => {
  it('begins with an export and writes one at SIGTERM, again and again', async () => {
    const line = ['start', '--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0', '--auth', 'off', '--json'];
    const both = [...line, '--import', 'state.tar', '--export-on-exit', 'state.tar'];
    const first = run(both);
    await fetch(`${await startedUrl(first)}/examplebucket/kept`, { method: 'PUT', body: 'kept' });
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');
    expect(first.child.exitCode).toBe(0);
    expect((await first.done).err).toContain(`export.written file=${join(folder, 'state.tar')}`);
    const second = run(both);
    const url = await startedUrl(second);
    expect(await (await fetch(`${url}/examplebucket/kept`)).text()).toBe('kept');
    await fetch(`${url}/examplebucket/kept`, { method: 'DELETE' });
    second.child.kill('SIGTERM');
    await once(second.child, 'exit');
    const third = run(both);
    expect((await fetch(`${await startedUrl(third)}/examplebucket/kept`)).status).toBe(404);
    expect(await readdir(folder)).not.toContain('.oss-livechannel');
  });

  it('says which configuration file it has read', async () => {
    const config = join(folder, 'own.json');
    await writeFile(config, JSON.stringify({ memory: true, port: 0, rtmpPort: 'off', webrtcPort: 0 }));
    const started = run(['start', '--config', 'own.json']);
    const [banner] = await once(started.child.stdout, 'data');
    expect(String(banner)).toContain(`Config      ${config}`);
  });
});

describe('exec', () => {
  it('says which variables it sets, and sets these', async () => {
    const { out } = await run(['exec', '--help']).done;
    const help = out.toString();
    const named = [...help.matchAll(/^ {2}(OSS_\w+) /gm)].map(([, name]) => name);
    const script = `process.stdout.write(JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith('OSS_'))))`;
    const ran = await run(['exec', '--', process.execPath, '-e', script]).done;
    expect(JSON.parse(ran.out.toString()).sort()).toEqual([...named].sort());
    for (const row of [
      /--port PORT .* \[0\]$/m,
      /--rtmp-port PORT .* \[off\]$/m,
      /--webrtc-port PORT .* \[0\]$/m,
      /--log-level LEVEL .* \[warn\]$/m,
      /--memory .* \[true\]$/m,
    ]) {
      expect(help).toMatch(row);
    }
  });
});

it('files of exports are private', async () => {
  const emulator = await start();
  await run(['export', 'private.tar'], { url: emulator.endpoint }).done;
  expect((await stat(join(folder, 'private.tar'))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(folder, 'private.tar'))).subarray(0, 12).toString()).toBe('oss-livechan');
});
