import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildConsole } from '../../../scripts/build-console.ts';
import { type Clock, ManualClock, systemClock, type Timer } from '../../../src/base/clock.ts';
import { parseFlags } from '../../../src/cli/command-line.ts';
import { SILENCE_MS } from '../../../src/cli/commands/answers.ts';
import { type CommandContext, EXIT } from '../../../src/cli/commands/command.ts';
import { NoEmulator, Refused } from '../../../src/cli/commands/emulator-client.ts';
import { COMMANDS, helpOf, overview } from '../../../src/cli/commands/table.ts';
import { flagsOf } from '../../../src/cli/flags-of.ts';
import { OPTIONS, optionNames } from '../../../src/config/config.ts';
import { parseNetworks } from '../../../src/config/option-values.ts';
import { CheckedExport } from '../../../src/control-plane/export-file/read-export.ts';
import { type RunningEmulator, startEmulator, UsageError } from '../../../src/index.ts';
import { lockDataFolder } from '../../../src/storage/metadata/data-folder-lock.ts';
import { clip, startTestEmulator } from '../../support/emulator.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { listenDuringTest, listenOnFreePort } from '../../support/listen.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

const LOOPBACK = parseNetworks('127.0.0.0/8');

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Signals {
  send(signal: NodeJS.Signals): void;
}

function diskFull(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}

/** It tells when timers are set. */
class WatchedClock extends ManualClock {
  readonly #set = new EventEmitter();

  override setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = super.setTimeout(callback, delayMs);
    this.#set.emit('timer');
    return timer;
  }

  /** Resolves when so many were set from now on. */
  async timersSet(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) await once(this.#set, 'timer');
  }
}

/** Runs a command in this process, as main.ts would. */
async function run(
  line: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  signals?: (s: Signals) => void,
  clock: Clock = systemClock,
): Promise<Outcome> {
  const [name, ...args] = line;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const end = args.indexOf('--');
  const { flags, positionals } = parseFlags(end < 0 ? args : args.slice(0, end), flagsOf(command));
  const output = { out: '', err: '' };
  const callbacks = new Set<(signal: NodeJS.Signals) => void>();
  const context: CommandContext = {
    flags,
    positionals,
    environment,
    clock,
    folder: tmpdir(),
    input: (async function* () {})(),
    output: new PassThrough(),
    isOutputTerminal: false,
    isTerminal: false,
    progress: () => {},
    rest: end < 0 ? [] : args.slice(end + 1),
    out: (text) => {
      output.out += `${text}\n`;
    },
    err: (text) => {
      output.err += `${text}\n`;
    },
    onSignal(callback) {
      callbacks.add(callback);
      signals?.({
        send: (signal) => {
          for (const listener of callbacks) listener(signal);
        },
      });
      return () => callbacks.delete(callback);
    },
    abort: () => {
      throw new Error('aborted');
    },
  };
  return { code: await command.run(context), ...output };
}

describe('the help', () => {
  it('fits a screen, and names every command', () => {
    const lines = overview().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    for (const { name } of COMMANDS) expect(overview()).toContain(`\n  ${name} `);
  });

  it('of a command names every option of it', () => {
    for (const command of COMMANDS) {
      const text = helpOf(command);
      for (const { flag } of flagsOf(command)) {
        if (!['help', 'version'].includes(flag)) expect(text).toContain(`--${flag}`);
      }
    }
    const [start] = COMMANDS;
    for (const name of optionNames()) expect(start && helpOf(start)).toContain(`--${OPTIONS[name].flag} `.trim());
  });
});

describe('a command for a running emulator', () => {
  let emulator: RunningEmulator;
  let at: NodeJS.ProcessEnv;
  beforeEach(async () => {
    emulator = await startEmulator({ buckets: ['media:public-read'] });
    at = { OSS_LIVECHANNEL_URL: emulator.endpoint };
    return () => emulator.stop();
  });

  it('signs for ffmpeg and OBS', async () => {
    const { code, out } = await run(['sign', '--channel', 'test-channel', '--expires', '60'], at);
    expect(code).toBe(EXIT.ok);
    const server = `rtmp://127.0.0.1:${emulator.port}/media/live`;
    expect(out).toContain(`URL         ${server}/test-channel?OSSAccessKeyId=emulator-ak&Expires=`);
    expect(out).toContain(`OBS         Server      ${server}\n            Stream key  test-channel?OSSAccessKeyId=`);
    const { out: json } = await run(['sign', '--channel', 'test-channel', '--json'], at);
    expect(JSON.parse(json)).toMatchObject({ server });
    await expect(run(['sign'], at)).rejects.toThrow('--channel NAME');
    await expect(run(['sign', '--channel', 'none'], at)).rejects.toThrow(
      'There is no channel "none" in the bucket "media".',
    );
  });

  const ROOM = ['room', '--channel-id', 'room', '--user-id', 'u1'];

  const DURATION = 'a number of seconds from 0 to 1000000000, like 10 or 2.5';

  it.each([
    [[...ROOM, '--expires', 'abc'], '--expires must be a whole number of seconds from 1 to 315360000, not "abc".'],
    [[...ROOM, '--expires', '0'], '--expires must be a whole number of seconds from 1 to 315360000, not "0".'],
    [[...ROOM, '--expires', '315360001'], '--expires must be a whole number of seconds from 1 to 315360000'],
    [
      ['sign', '--channel', 'c', '--expires', '1.5'],
      '--expires must be a whole number of seconds from 1 to 9999999999',
    ],
    [[...ROOM, '--app-id', 'a/b'], '--app-id must be 1 to 64 of'],
    [[...ROOM, '--display-name', 'a\nb'], '--display-name must be 1 to 40 characters'],
    [['vod', '--channel', 'c', '--bucket', 'b', '--name', 'x.txt'], '--name must end with .m3u8, not "x.txt".'],
    [['publish', '--channel', 'c', '--duration', '1e3'], `--duration must be ${DURATION}, not "1e3".`],
    [['publish', '--channel', 'c', '--duration', '-1'], `--duration must be ${DURATION}, not "-1".`],
    [['publish', '--channel', 'c', '--duration='], `--duration must be ${DURATION}, not "".`],
    [['vod', '--channel', 'c', '--bucket', 'b', '--from', 'soon'], '--from must be an ISO 8601 time'],
  ])('refuses %j and names the flag', async (argv, message) => {
    await expect(run(argv, at)).rejects.toThrow(message);
  });

  it('publishes, lists, and makes a VOD playlist', async () => {
    const args = ['--channel', 'test-channel', '--speed', 'max', '--duration', '15', '--clip', clip('h264-only.flv')];
    expect((await run(['publish', ...args], at)).out).toContain('Pushed 15.0 s of');
    await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
    expect((await run(['channels'], at)).out).toMatch(/^media {3}test-channel {2}idle {3}5 s, 3 listed$/m);
    const { out } = await run(['vod', '--channel', 'test-channel', '--from', '-1h'], at);
    expect((await (await fetch(out.trim())).text()).match(/#EXTINF/g)).toHaveLength(3);
    await expect(run(['vod', '--channel', 'test-channel', '--to', '5'], at)).rejects.toThrow('endTime');
  });

  it('publishes until it is told to stop', async () => {
    const accepted = emulator.events.waitFor('publish.accepted', undefined, { after: emulator.events.lastId });
    let signals: Signals | undefined;
    const running = run(['publish', '--channel', 'test-channel', '--duration', '0', '--json'], at, (given) => {
      signals = given;
    });
    await accepted;
    await emulator.events.waitFor('publish.accepted', undefined, { after: 0 });
    expect((await run(['channels', '--json'], at)).out).toContain('"state":"live"');
    signals?.send('SIGINT');
    expect(JSON.parse((await running).out)).toMatchObject({ clip: 'bars' });
  });

  it('wait that is stopped says so, and names no time that has not passed', async () => {
    const waiting = run(['wait', '--for', 'publish.refused', '--timeout', '0'], at, (signals) =>
      setImmediate(() => signals.send('SIGINT')),
    );
    await expect(waiting).rejects.toThrow('No publish.refused has happened before this was stopped.');
  });

  it.each(['seed', 'backup'])('%s takes one operand: a path with a space in it has to be quoted', async (name) => {
    await expect(run([name])).rejects.toThrow(UsageError);
    await expect(run([name, 'my', 'file'])).rejects.toThrow(`oss-livechannel-emulator ${name}`);
    await expect(run([name, ''])).rejects.toThrow(`oss-livechannel-emulator ${name}`);
  });

  it('seeds from a file, and resets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'seed.json');
    const recordings = [{ from: '-1h', to: 'now' }];
    await writeFile(path, JSON.stringify({ buckets: [{ name: 'media', channels: [{ name: 'door', recordings }] }] }));
    expect((await run(['seed', path], at)).out).toMatch(
      /^Made in \d+ ms: buckets 1, objects 0, channels 1, pushes 1, fragments 600\.\n$/,
    );
    await expect(run(['seed', join(folder, 'none')], at)).rejects.toThrow(
      `There is no file ${join(folder, 'none')} for the seed.`,
    );
    await writeFile(path, '{"bukets":[]}');
    await expect(run(['seed', path], at)).rejects.toThrow('did you mean "buckets"?');
    const early = [{ from: 'now', to: '-1h' }];
    const channels = [{ name: 'door', recordings: early }];
    await writeFile(path, JSON.stringify({ buckets: [{ name: 'media', channels }] }));
    const backwards = `The seed ${path}: a push to media/door ends before it begins.`;
    await expect(run(['seed', path], at)).rejects.toThrow(new UsageError(backwards));
    expect((await run(['reset'], at)).out).toMatch(/^Reset everything in \d+ ms\.\n$/);
    expect((await run(['channels', '--json'], at)).out).not.toContain('door');
  });

  it('says so when the emulator there waits for a PROXY header', async () => {
    const { port } = await startTestEmulator({ proxyProtocol: [LOOPBACK] });
    const refusal = await run(['channels', '--url', `http://127.0.0.1:${port}`]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NoEmulator);
    expect(String(refusal)).toContain('an emulator with --proxy-protocol for this machine');
  });

  it('gives up what accepts and stays silent, and only that', async () => {
    const mute = createServer();
    const url = `http://127.0.0.1:${await listenDuringTest(mute)}`;
    const clock = new ManualClock(0);
    const refused = run(['reset', '--url', url], {}, undefined, clock).catch((error: unknown) => error);
    onTestFinished(async () => void (await refused));
    const sockets: Socket[] = [];
    for (const what of ['the call', 'the question whether it is well']) {
      const [socket] = await once(mute, 'connection');
      sockets.push(socket);
      expect(String(await once(socket, 'data'))).toContain(what === 'the call' ? 'POST ' : '/_emulator/health');
      clock.advance(SILENCE_MS);
    }
    expect(await refused).toBeInstanceOf(NoEmulator);
    expect(String(await refused)).toContain(`What listens at ${url} accepts connections and answers nothing`);
    for (const socket of sockets) socket.destroy();
  });

  it('waits for long work as long as the emulator says that it is well', async () => {
    let questions = 0;
    const calls = new EventEmitter();
    const server = createHttpServer((request, response) => {
      if (request.url === '/_emulator/reset') {
        calls.emit('reset', response);
      } else {
        questions += 1;
        response.end('{}');
      }
    });
    const clock = new WatchedClock(0);
    const url = `http://127.0.0.1:${await listenDuringTest(server)}`;
    const called = once(calls, 'reset');
    const running = run(['reset', '--url', url], {}, undefined, clock);
    const [response]: ServerResponse[] = await called;
    for (let times = 0; times < 3; times += 1) {
      const isAskedAgainLater = clock.timersSet(2);
      clock.advance(SILENCE_MS);
      await isAskedAgainLater;
    }
    response?.setHeader('content-type', 'application/json').end('{"durationMs":7}');
    expect((await running).out).toContain('Reset everything in 7 ms');
    expect(questions).toBe(3);
  });

  it.each([
    ['its bytes are read', () => vi.spyOn(CheckedExport, 'read').mockRejectedValue(diskFull())],
    [
      'its rows are stored',
      () =>
        vi.spyOn(CheckedExport.prototype, 'rows').mockImplementation(() => {
          throw diskFull();
        }),
    ],
  ])('says that a disk is full, while %s, and that nothing was imported', async (_when, fill) => {
    const folder = await mkdtemp(join(tmpdir(), 'import-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'x.tar');
    await run(['export', file], at);
    const full = fill();
    onTestFinished(() => full.mockRestore());
    const refusal = await run(['import', file], at).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(String(refusal)).toMatch(
      /Nothing was imported: a disk is full \(ENOSPC: no space left on device\)\. Make room .*\.$/,
    );
    const plain = await fetch(`${emulator.endpoint}/_emulator/import`, { method: 'POST', body: await readFile(file) });
    expect(plain.status).toBe(507);
    expect((await run(['channels', '--json'], at)).out).toContain('test-channel');
  });

  it('says which channel a VOD playlist has none of, and why one would be empty', async () => {
    const vod = (...flags: readonly string[]) => run(['vod', ...flags, '--from', '-1h'], at);
    await expect(vod('--channel', 'none')).rejects.toThrow('There is no channel "none" in the bucket "media".');
    const elsewhere = vod('--channel', 'test-channel', '--bucket', 'none');
    await expect(elsewhere).rejects.toThrow('There is no channel "test-channel" in the bucket "none".');
    await expect(vod('--channel', 'test-channel')).rejects.toThrow(
      /^No ts file found in specified time span\. No fragment of it begins from \S+Z to \S+Z: name another range, or push first\.$/,
    );
  });

  it('says that a plain port speaks http', async () => {
    const { host } = new URL(emulator.endpoint);
    await expect(run(['channels', '--url', `https://${host}`])).rejects.toThrow(
      new NoEmulator(`What listens at https://${host} speaks http, not https: name it as http://${host} with --url.`),
    );
  });

  it.each([
    ['before the head of the answer', false],
    ['after it', true],
  ])('says that the emulator has ended during an import, %s', async (_when, isBegun) => {
    const file = join(await mkdtemp(join(tmpdir(), 'import-')), 'x.tar');
    onTestFinished(() => rm(dirname(file), { recursive: true }));
    await writeFile(file, Buffer.alloc(1024 * 1024));
    const server = createHttpServer((request, response) => {
      server.close();
      if (isBegun) {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        response.write('{"progress":{"done":1,"total":2,"unit":"bytes"}}\n');
      }
      request.once('data', () => request.socket.destroy());
    });
    const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
    const refusal = await run(['import', file, '--url', url]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NoEmulator);
    expect(String(refusal)).toMatch(
      /The emulator at http:\S+ has ended before it had answered \(.+\); nothing was imported, unless it had received the whole file\.$/,
    );
  });

  it.each([
    { what: 'a page of a proxy', type: 'text/html', body: '<html>', error: NoEmulator, says: 'is not this emulator' },
    {
      what: 'a document of another API',
      type: 'application/json',
      body: '{}',
      error: NoEmulator,
      says: 'is not this emulator',
    },
    {
      what: 'another archive',
      type: 'application/x-tar',
      body: 'a.jpg'.padEnd(1024, '\0'),
      error: Refused,
      says: 'is no export',
    },
    { what: 'less than a name', type: 'application/x-tar', body: 'oss', error: Refused, says: 'is no export' },
    { what: 'nothing', type: 'application/x-tar', body: '', error: Refused, says: 'is no export' },
  ])('takes no answer with status 200 for an export: $what', async ({ type, body, error, says }) => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const url = `http://127.0.0.1:${await listenDuringTest(server)}`;
    const refusal = await run(['export', join(folder, 'x.tar'), '--url', url]).catch((reason: unknown) => reason);
    expect(refusal).toBeInstanceOf(error);
    expect(String(refusal)).toContain(says);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    {
      what: 'the emulator has ended',
      ends: true,
      kind: NoEmulator,
      message: /^Error: The emulator at http:\S+ has ended before it had answered \(.+\)\.$/,
    },
    {
      what: 'only the connection has',
      ends: false,
      kind: Refused,
      message: /^Error: The export broke off \(.+\): the log of the emulator says why\.$/,
    },
  ])('says of an export that broke off when $what, and leaves no file', async ({ ends, kind, message }) => {
    const place = await mkdtemp(join(tmpdir(), 'export-'));
    onTestFinished(() => rm(place, { recursive: true }));
    const server = createHttpServer(({ url, socket }, response) => {
      if (!url?.endsWith('/export')) return void response.end();
      if (ends) server.close();
      response.writeHead(200, { 'content-type': 'application/x-tar', 'content-length': 1_000 });
      response.write('begun', () => socket.destroy());
    });
    const url = `http://127.0.0.1:${ends ? await listenOnFreePort(server) : await listenDuringTest(server)}`;
    const failure = await run(['export', join(place, 'x.tar'), '--url', url]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(kind);
    expect(String(failure)).toMatch(message);
    expect(await readdir(place)).toEqual([]);
  });

  it('says so when nobody answers, or somebody else', async () => {
    await expect(run(['channels', '--url', 'http://127.0.0.1:1'])).rejects.toThrow(
      'No emulator answers at http://127.0.0.1:1',
    );
    const other = await receiveHttp();
    await expect(run(['reset', '--url', other.url])).rejects.toThrow('is not this emulator');
  });
});

it('completion names the shells that there are', async () => {
  const refusal = new UsageError('There is no completion for tcsh: name bash, zsh, fish.');
  await expect(run(['completion', 'tcsh'])).rejects.toThrow(refusal);
});

describe('exec', () => {
  const script = (text: string) => ['exec', '--', process.execPath, '-e', text];

  it('runs a command beside an emulator of its own, and ends with its code', async () => {
    const text = `fetch(process.env.OSS_LIVECHANNEL_CONTROL_URL + '/health')
      .then((r) => r.json()).then((h) => process.exit(h.status === 'ok' ? 7 : 1))`;
    expect((await run(script(text))).code).toBe(7);
    expect((await run(script('process.kill(process.pid, "SIGKILL")'))).code).toBe(128 + 9);
    const missing = await run(['exec', '--', 'no-such-command']);
    expect([missing.code, missing.err]).toEqual([
      127,
      'no-such-command cannot be run: there is no such command (its folder must be in PATH).\n',
    ]);
    await expect(run(['exec'])).rejects.toThrow('Name the command behind --');
  });
});

describe('room', () => {
  it('prints an address, which publish pushes to', async () => {
    await using emulator = await startEmulator();
    const names = ['--app-id', 'app-1', '--channel-id', 'room', '--user-id', 'u1'];
    const { code, out } = await run(['room', ...names, '--json', '--url', emulator.endpoint]);
    expect(code).toBe(EXIT.ok);
    const { rtmpAddress } = JSON.parse(out);
    const joined = emulator.events.waitFor('room.joined');
    const pushed = await run(['publish', '--to', rtmpAddress, '--duration', '1', '--speed', 'max']);
    expect(await joined).toMatchObject({ appId: 'app-1', channelId: 'room', userId: 'u1' });
    expect(pushed.out).toMatch(/^Pushed 1\.0 s of .* to rtmp:\/\/\S+\/H4sI[\w-]+\.$/m);
    const text = await run(['room', ...names, '--expires', '60', '--url', emulator.endpoint]);
    expect(text.out).toMatch(/^OBS {9}Server {6}rtmp:\/\/\S+\/rtc[0-9a-f]{12}$/m);
    expect(text.out).toMatch(/^WHEP {8}http:\/\/\S+$/m);
  });

  it('says what is missing or wrong', async () => {
    await using emulator = await startEmulator();
    await expect(run(['room', '--channel-id', 'room'])).rejects.toThrow('Give the --user-id');
    const wrong = run(['room', '--channel-id', 'a b', '--user-id', 'u1', '--url', emulator.endpoint]);
    await expect(wrong).rejects.toThrow('--channel-id must be 1 to 64 of A-Z, a-z, 0-9, _ and -, not "a b".');
    const soon = ['room', '--channel-id', 'room', '--user-id', 'u1', '--expires', 'soon', '--url', emulator.endpoint];
    await expect(run(soon)).rejects.toThrow(/expires/i);
    await expect(run(['publish', '--to', 'rtmp://x/a/b', '--clip', 'none.flv'])).rejects.toThrow(
      'There is no file none.flv for the clip.',
    );
    await expect(run(['publish', '--to', 'http://x/'])).rejects.toThrow('--to must be an address like rtmp://');
    await expect(run(['publish', '--to', 'rtm//x/app/key-of-stream'])).rejects.not.toThrow('key-of-stream');
    await expect(run(['channels', '--url', '//user:password@x'])).rejects.not.toThrow('password');
    await expect(run(['channels', '--url', 'http://user:password@127.0.0.1:1'])).rejects.not.toThrow('password');
    await expect(run(['publish', '--to', 'rtmp://x/a/b', '--channel', 'c'])).rejects.toThrow('not both');
    await expect(run(['publish', '--to', 'rtmp://x/a/b', '--pattern', 'noise'])).rejects.toThrow('--pattern: ');
  });

  it.each([
    'http://127.0.0.1/app/s1',
    'rtmps://127.0.0.1/app/s1',
    'rtmp://user:password@127.0.0.1/app/s1',
    'rtmp://127.0.0.1:99999/app/s1',
    'rtmp://127.0.0.1/app',
  ])('refuses to push to %s, and does not show what is secret in it', async (url) => {
    const refusal = await run(['publish', '--to', `${url}?Signature=secret`]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(String(refusal)).toMatch(/--to must be an address like rtmp/);
    expect(String(refusal)).not.toMatch(/secret|password/);
  });

  it('says in one line that the connection breaks during the push', async () => {
    await using emulator = await startEmulator();
    emulator.faults.add({ match: { phase: 'rtmp.message', channel: 'test-channel' }, effect: { reset: true } });
    const { url } = await emulator.sign({ channel: 'test-channel' });
    const broken = await run(['publish', '--to', url, '--duration', '0']).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(Refused);
    expect(String(broken)).toMatch(/^Error: The push to rtmp:\/\/[^?]*test-channel broke off: .+$/);
  });

  it('says in one line that nothing answers where it is to push', async () => {
    const server = 'rtmp://127.0.0.1:1/app/s1';
    const pushing = run(['publish', '--to', `${server}?auth_key=secret`]);
    const reason = `Cannot push to ${server}: connect ECONNREFUSED 127.0.0.1:1`;
    await expect(pushing).rejects.toThrow(new Refused(reason));
  });
});

describeWith([POSTGRES], 'doctor, of a PostgreSQL', () => {
  it('says what a start would find: an older or empty one is well, and a newer, a foreign or a read-only one is not', async () => {
    const server = await testPostgres();
    const metadata = await server.createDatabase();
    const database = metadata.split('/').at(-1);
    const found = async () => {
      const args = ['doctor', '--memory', '--port', '0', '--rtmp-port', 'off', '--metadata', metadata];
      const { out } = await run(args);
      expect(out).toMatch(/^ok {4}data folder +none, the objects in memory$/m);
      return /^(ok|bad) +--metadata .*$/m.exec(out)?.[0];
    };
    const execute = (statement: string) => server.execute(statement, database);
    expect(await found()).toMatch(/^ok .*PostgreSQL \d/);
    expect(await execute("select * from pg_tables where schemaname = 'public'")).toEqual([]);
    await (await startEmulator({ metadata })).stop();
    expect(await found()).toMatch(/^ok /);
    await execute("insert into kysely_migration (name, timestamp) values ('9999 of a newer version', '')");
    expect(await found()).toMatch(/^bad .*written by another version of the emulator: use that version/);
    await execute(`alter database ${database} set default_transaction_read_only = on`);
    expect(await found()).toMatch(/^bad .*PostgreSQL is read-only/);
    await server.execute(`alter database ${database} set default_transaction_read_only = off`);
    await execute('drop schema public cascade; create schema public; create table other (x integer)');
    expect(await found()).toMatch(/^bad .*tables of another program/);
  });
});

describe('doctor', () => {
  // It looks for the page.
  beforeAll(() => buildConsole());

  it('refuses files that options name and that cannot be read', async () => {
    const args = ['doctor', '--memory', '--port', '0', '--rtmp-port', 'off'];
    const given = [
      '--seed',
      'none.json',
      '--credentials',
      'none.json',
      '--tls-cert',
      'none.pem',
      '--tls-key',
      'none.pem',
    ];
    const { code, out } = await run([...args, ...given]);
    expect(code).toBe(EXIT.failure);
    for (const flag of ['--seed', '--credentials', '--tls-cert and --tls-key']) {
      expect(out).toMatch(new RegExp(`^bad {3}${flag} .*none\\.(json|pem)`, 'm'));
    }
  });

  it('looks, says what to do, and makes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const args = ['doctor', '--port', '0', '--rtmp-port', 'off', '--data-dir'];
    const fine = await run([...args, join(folder, 'new')]);
    expect(fine.code).toBe(EXIT.ok);
    expect(fine.out).toMatch(/^ok {4}WebRTC +picture and sound$/m);
    expect(fine.out).toMatch(/^ok {4}data folder .*can be made$/m);
    const lock = await lockDataFolder(folder);
    onTestFinished(() => lock.release());
    const { code, out } = await run([...args, folder, '--json']);
    expect(code).toBe(EXIT.failure);
    const { findings } = JSON.parse(out);
    expect(findings.find(({ what }: { what: string }) => what === 'data folder')).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining(`(pid ${process.pid})`),
    });
  });

  it('says of a data folder what the start would find', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'file');
    await writeFile(file, '');
    const args = ['doctor', '--port', '0', '--rtmp-port', 'off', '--data-dir'];
    expect((await run([...args, join(folder, 'new', 'deep')])).out).toMatch(/^ok {4}data folder .*can be made$/m);
    expect((await readdir(folder)).sort()).toEqual(['file']);
    expect((await run([...args, '/proc/x'])).out).toMatch(/^bad {3}data folder .*ENOENT/m);
    expect((await run([...args, file])).out).toMatch(/^bad {3}data folder .*file is not a folder$/m);
    expect((await run([...args, join(file, 'below')])).out).toMatch(/^bad {3}data folder .*file is not a folder$/m);
  });

  it('repairs nothing where there is no database', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const repair = run(['doctor', '--repair', '--data-dir', folder]);
    await expect(repair).rejects.toThrow('metadata.sqlite to repair: name the data folder with --data-dir.');
  });

  it('tells an emulator on its port from a stranger', async () => {
    await using emulator = await startEmulator({ host: '127.0.0.1' });
    const ours = await run([
      'doctor',
      '--memory',
      '--host',
      '127.0.0.1',
      '--port',
      String(emulator.port),
      '--rtmp-port',
      'off',
    ]);
    expect(ours.out).toMatch(/^note {2}--port \d+ .*an emulator .* runs there already$/m);
  });

  it.each([
    ['as it is', [], {}, String.raw`an emulator \d\S* runs`],
    ['that tells no version', ['--no-admin'], { noAdmin: true }, 'an emulator runs'],
    ['behind a proxy', ['--proxy-protocol', '127.0.0.0/8'], { proxyProtocol: [LOOPBACK] }, String.raw`an emulator \d`],
  ])('has nothing against the emulator that runs with the same options, %s', async (_, flags, options, expected) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'oss-livechannel-'));
    const started = await startTestEmulator({ memory: false, dataDir, rtmpPort: 0, ...options });
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const { port, rtmpPort } = started.emulator.addresses;
    const ports = ['--port', String(port), '--rtmp-port', String(rtmpPort), '--webrtc-port', '0'];
    const { code, out } = await run(['doctor', '--host', '127.0.0.1', '--data-dir', dataDir, ...ports, ...flags]);
    expect(out).toMatch(new RegExp(`^note {2}--port ${port} .*${expected}`, 'm'));
    expect(out).toMatch(new RegExp(`^note {2}--rtmp-port ${rtmpPort} +in use by an emulator`, 'm'));
    expect(out).toMatch(/^note {2}--webrtc-port 0 +free: the emulator that runs opens it for its first viewer$/m);
    expect(out).toMatch(
      new RegExp(`^note {2}data folder +\\S+ is in use by an emulator \\(pid ${process.pid}\\)$`, 'm'),
    );
    expect(out).not.toMatch(/^bad/m);
    expect(code).toBe(EXIT.ok);
  });
});
