import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { doctorCommand } from '../../src/cli/commands/doctor-command.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { createClient, startTestEmulator } from '../support/emulator.ts';
import { outageLines } from '../support/outage-lines.ts';
import { startForwarder } from '../support/tcp-forwarder.ts';
import { describeWith } from '../support/tools.ts';
import { BUILD_TIMEOUT_MS, type S3Server, startS3Server } from '../support/versitygw.ts';
import { startServing, temporaryFolder } from './command.ts';
import { before, readClip } from './flv-tags.ts';
import { publishAsPeer } from './peers.ts';

const CHANNEL = 'test-channel';

function start(options: ConstructorParameters<typeof Emulator>[0]): Emulator {
  return new Emulator({ port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1', ...options });
}

describeWith(['go'], 'an emulator whose objects are in a store of S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  }, BUILD_TIMEOUT_MS);
  afterAll(() => server.stop());

  test('records, plays, joins parts, and has everything after the next start and a reset', async () => {
    const dataDir = await temporaryFolder();
    const objects = server.address('life');
    const first = start({ dataDir, objects });
    const { port } = await first.start();
    const push = await first.control.publishes.start({ channel: CHANNEL, durationSec: 8 });
    await push.done;
    const client = createClient(port);
    const nowSec = Math.floor(Date.now() / 1000);
    await client.createVod(CHANNEL, 'vod.m3u8', { startTime: nowSec - 600, endTime: nowSec + 600 });
    const playlist = String((await client.get(`${CHANNEL}/vod.m3u8`)).content);
    const names = playlist.split('\n').filter((line) => line.endsWith('.ts'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const key = `${CHANNEL}/${name.split('/').at(-1)}`;
      const whole: Buffer = (await client.get(key)).content;
      const part = await client.get(key, undefined, { headers: { Range: 'bytes=188-375' } });
      expect(part.res.status).toBe(206);
      expect(whole.subarray(188, 376).equals(part.content)).toBe(true);
    }
    const bytes = randomBytes(9 * 1024 * 1024);
    await client.multipartUpload('big//a', bytes, { partSize: 1024 * 1024 * 4 });
    await first.stop();
    expect(await readdir(join(dataDir, 'objects'), { recursive: true }).then((found) => found.join())).toBe(
      '.incoming',
    );

    await expect(start({ dataDir }).start()).rejects.toThrow(/objects of this database are in s3:.*give --objects/);

    const second = start({ dataDir, objects });
    const again = await second.start();
    onTestFinished(() => second.stop());
    expect(bytes.equals((await createClient(again.port).get('big//a')).content)).toBe(true);
    await second.control.reset();
    await expect(createClient(again.port).get('big//a')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(second.control.backUp(join(dataDir, 'backup'))).rejects.toThrow('in another store');
    const stranger = start({ memory: true, objects });
    await expect(stranger.start()).rejects.toThrow('holds the objects of another database');
  });

  test('ends at a signal although the store does not answer, and says what is lost', async () => {
    const stopped = await startS3Server();
    onTestFinished(() => stopped.stop());
    const { child, exited, line, lines, port } = await startServing(
      '--memory',
      '--rtmp-port',
      'off',
      '--objects',
      stopped.address('signal'),
    );
    const peer = await publishAsPeer(`rtmp://127.0.0.1:${port}/examplebucket/live/${CHANNEL}`);
    await peer.send(before(readClip('h264-aac'), 7000));
    await stopped.pause();
    child.kill('SIGTERM');
    await line(/store\.away store=objects .*no answer within 3/);
    await line(/session\.failed .*the emulator stops/);
    await line(/error publish\.ended .*lostFragments=\d+ lostMs=\d+ reason="lost, because it could not be stored: /);
    expect(await exited).toBe(0);
    expect(lines.join('\n')).not.toContain('given-up');
  }, 60_000);

  test('answers 503 and is not ready while the store is away, and loses no fragment of a push', async () => {
    const forwarder = await startForwarder(server.port);
    const lines: string[] = [];
    const log = createLog('info', (text) => lines.push(text), Date.now);
    const objects = server.address('away', forwarder.port);
    const { emulator, client, endpoint } = await startTestEmulator({ objects }, { log });
    await client.put('before', Buffer.from('before'));
    const firstStored = emulator.events.waitFor('fragment.stored');
    const push = await emulator.control.publishes.start({ channel: CHANNEL, durationSec: 8 });
    await firstStored;
    forwarder.mode = 'refuse';
    const refused = client.get('before').catch((error: unknown) => error);
    const readiness = await fetch(`${endpoint}/_emulator/ready`);
    expect(readiness.status).toBe(503);
    const shown = `s3://store/away/ at http://127.0.0.1:${forwarder.port}`;
    expect((await readiness.text()).split(shown)).toHaveLength(2);
    expect(await refused).toMatchObject({
      status: 503,
      code: 'ServiceUnavailable',
      message:
        'The emulator cannot do this at present: its object store answers that it cannot (503). Please try again later.',
    });
    forwarder.mode = 'pass';
    await push.done;
    await expect.poll(() => emulator.events.since(0).some(({ type }) => type === 'publish.ended')).toBe(true);
    const stored = emulator.events.since(0).flatMap((event) => (event.type === 'fragment.stored' ? [event] : []));
    expect(stored.map(({ sequence }) => sequence)).toEqual(stored.map((_, index) => index));
    for (const { key, sizeBytes } of stored) expect((await client.get(key)).content.length).toBe(sizeBytes);
    await expect
      .poll(() => outageLines(lines))
      .toMatch(/^store\.away store=objects .*\nstore\.back store=objects .*awaySec=[\d.]+$/);
  });

  test('does not start when the store cannot be used, and says why without the secret', async () => {
    const wrong = server.address('wrong').replace('testtest123', 'other-secret');
    const emulator = start({ memory: true, objects: wrong });
    const error = await emulator.start().catch((reason: unknown) => String(reason));
    expect(error).toMatch(/The object store cannot be used: s3:\/\/store\/wrong\/ at .* \(403\)/);
    expect(error).not.toContain('other-secret');
    const lines: string[] = [];
    const context = {
      flags: new Map([
        ['objects', [wrong]],
        ['memory', ['true']],
      ]),
      positionals: [],
      rest: [],
      environment: {},
      folder: tmpdir(),
      clock: systemClock,
      input: (async function* () {})(),
      output: new PassThrough(),
      isOutputTerminal: false,
      isTerminal: false,
      out: (text: string) => lines.push(text),
      err: () => {},
      progress: () => {},
      onSignal: () => () => {},
      abort: () => {},
    };
    await doctorCommand.run(context);
    expect(lines.join('\n')).toMatch(/bad {3}object store .*\(403\)/);
    expect(lines.join('\n')).not.toContain('other-secret');
  });
});

test('files that are there are not hidden by another store', async () => {
  const dataDir = await temporaryFolder();
  const first = start({ dataDir });
  const { port } = await first.start();
  await createClient(port).put('a', Buffer.from('a'));
  await first.stop();
  const second = start({ dataDir, objects: 's3://store/hidden?endpoint=http://127.0.0.1:1' });
  await expect(second.start()).rejects.toThrow('which --objects would hide');
});
