import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { checkReadiness, type ReadinessParts } from '../../../src/control-plane/control/readiness.ts';
import { startEmulator } from '../../../src/index.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { controlOf } from '../../support/control.ts';
import { startTestEmulator } from '../../support/emulator.ts';
import { listenDuringTest } from '../../support/listen.ts';

/** A port with a server that does what the test says; closed when the test ends. */
async function serve(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return { address: { host: '127.0.0.1', port: await listenDuringTest(server) } };
}

const answering = (answer: string) => (socket: Socket) => void socket.once('data', () => socket.end(answer));

async function parts(): Promise<ReadinessParts> {
  const http = await serve(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const rtmp = await serve(answering('\x03'));
  return {
    clock: new ManualClock(0),
    http: http.address,
    rtmp: [rtmp.address],
    metadata: await openSqliteStore({ path: ':memory:' }),
    bytes: createMemoryStore(),
    storage: 'in memory',
    segmenter: 'mpeg-ts',
    checkSegmenter: async () => {},
  };
}

async function failures(given: ReadinessParts): Promise<Readonly<Record<string, string>>> {
  const failed = (await checkReadiness(given)).filter(({ state }) => state === 'failed');
  return Object.fromEntries(failed.map(({ name, detail }) => [name, detail]));
}

describe('/_emulator/ready', () => {
  it('names every port that was checked, the free ones that were taken included', async () => {
    await using emulator = await startEmulator({ rtmpPort: 0 });
    const { status, body } = await controlOf(emulator)('ready', '/ready');
    const main = `127.0.0.1:${emulator.port}`;
    expect([status, body]).toEqual([
      200,
      {
        ready: true,
        draining: false,
        components: [
          { name: 'http', state: 'ok', detail: main },
          { name: 'rtmp', state: 'ok', detail: `${main} and 127.0.0.1:${emulator.rtmpPort}` },
          { name: 'metadata', state: 'ok', detail: 'in memory' },
          { name: 'objects', state: 'ok', detail: 'in memory' },
          { name: 'segmenter', state: 'ok', detail: 'mpeg-ts' },
        ],
      },
    ]);
  });

  it('is one check for all who ask at once and soon after', async () => {
    const { control } = (await startTestEmulator()).emulator;
    const results = await Promise.all(Array.from({ length: 20 }, () => control.components()));
    expect(new Set(results).size).toBe(1);
    expect(results).toContain(await control.components());
  });

  it('writes without fault rules, and emits no event', async () => {
    await using emulator = await startEmulator();
    emulator.faults.add({ match: { phase: 'object.write' }, effect: { diskFull: true } });
    const before = emulator.events.lastId;
    expect((await controlOf(emulator)('ready', '/ready')).body.ready).toBe(true);
    expect(emulator.events.since(before)).toEqual([]);
  });
});

describe('a check', () => {
  it('passes when everything answers', async () => {
    expect(await failures(await parts())).toEqual({});
  });

  it('fails on a port that nothing listens on', async () => {
    const given = await parts();
    const [first] = given.rtmp;
    if (!first) throw new Error('the parts have a port for RTMP');
    expect(await failures({ ...given, rtmp: [first, { host: '127.0.0.1', port: 1 }] })).toEqual({
      rtmp: '127.0.0.1:1: connect ECONNREFUSED',
    });
  });

  it('fails on a port that speaks another protocol, or says nothing', async () => {
    const given = await parts();
    const other = await serve(answering('220 mail'));
    const hanging = await serve((socket) => void socket.once('data', () => socket.end()));
    const failed = await failures({ ...given, http: other.address, rtmp: [hanging.address] });
    expect(failed.http).toContain('gave an answer of another protocol');
    expect(failed.rtmp).toContain('closed the connection without an answer');
  });

  it('fails on a port that does not answer in time', async () => {
    const given = await parts();
    const clock = new ManualClock(0);
    const silent = await serve((socket) => void socket.once('data', () => clock.advance(2_000)));
    const failed = await failures({ ...given, clock, http: silent.address });
    expect(failed.http).toContain('did not answer within 2000 ms');
  });

  it('fails with the stores and with the segmenter', async () => {
    const given = await parts();
    const broken = async () => {
      throw new Error('no disk');
    };
    const failed = await failures({
      ...given,
      metadata: { ...given.metadata, listBuckets: broken },
      bytes: { ...given.bytes, delete: broken },
      segmenter: 'ffmpeg',
      checkSegmenter: broken,
    });
    expect(failed).toEqual({
      metadata: 'in memory: no disk',
      objects: 'in memory: no disk',
      segmenter: 'ffmpeg: no disk',
    });
  });

  it('fails on a segmenter that hangs, and ends what it started', async () => {
    const given = await parts();
    const clock = new ManualClock(0);
    let ended = false;
    const failed = await failures({
      ...given,
      clock,
      segmenter: 'ffmpeg',
      checkSegmenter(signal) {
        signal.addEventListener('abort', () => {
          ended = true;
        });
        setImmediate(() => clock.advance(5_000));
        return new Promise(() => {});
      },
    });
    expect(failed.segmenter).toBe('ffmpeg: no result within 5000 ms');
    expect(ended).toBe(true);
  });
});
