import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { startEmulator } from '../../src/index.ts';
import { controlOf } from '../support/control.ts';
import { outageLines } from '../support/outage-lines.ts';
import { POSTGRES, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { startForwarder } from '../support/tcp-forwarder.ts';
import { describeWith } from '../support/tools.ts';
import { startCommand, startServing } from './command.ts';
import { before, readClip } from './flv-tags.ts';
import { publishAsPeer } from './peers.ts';

describeWith([POSTGRES], 'an emulator with its metadata in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let folder: string;
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line), Date.now);

  beforeAll(async () => {
    server = await startPostgres();
    url = (await server.createDatabase()).replace('emu@', 'emu:hunter2@');
    folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  });
  afterAll(async () => {
    await server.stop('immediate').catch(() => {});
    await rm(folder, { recursive: true });
  });

  const start = (dataDir = join(folder, 'data')) =>
    startEmulator({ memory: false, dataDir, metadata: url, buckets: ['media', 'examplebucket'], log });

  it('records, joins, lists and keeps versions, and has all of it after a restart', async () => {
    const first = await start();
    const client = new OSS(first.aliOssOptions);
    await client.putChannel('cam', {
      Description: 'Über 🎥',
      Status: 'enabled',
      Target: { Type: 'HLS', FragDuration: 2, FragCount: 3, PlaylistName: 'playlist.m3u8' },
    });
    const push = await first.publish({ channel: 'cam', durationSec: 12, speed: 'max' });
    await push.done;
    const fromSec = Math.floor(Date.now() / 1000) - 3600;
    const vodOf = async (emulator: typeof first) => {
      const query = `vod&startTime=${fromSec}&endTime=${fromSec + 7200}`;
      const answer = await new OSS(emulator.aliOssOptions).signatureUrl('cam', {
        method: 'GET',
        expires: 600,
        subResource: { vod: '', startTime: String(fromSec), endTime: String(fromSec + 7200) },
      });
      const response = await fetch(answer);
      return response.ok ? response.text() : `${response.status} ${query} ${await response.text()}`;
    };
    const vod = await vodOf(first);
    expect(vod.match(/#EXTINF/g)?.length).toBeGreaterThanOrEqual(5);

    const part = Buffer.alloc(150_000, 'x');
    await client.multipartUpload('big', Buffer.concat([part, part]), { partSize: 150_000 });
    for (const key of ['a/1', 'a/2', 'b', 'ü/🎥', 'a0']) await client.put(key, Buffer.from(key));
    const listed = await client.list({ delimiter: '/', 'max-keys': 100 }, {});
    expect(listed.prefixes).toEqual(['a/', 'cam/', 'ü/']);
    expect(listed.objects.map(({ name }) => name)).toEqual(['a0', 'b', 'big']);

    await Object(client).putBucketVersioning('media', 'Enabled');
    for (const text of ['one', 'two']) await client.put('versioned', Buffer.from(text));
    await client.delete('versioned');
    const status = await client.get('versioned').catch((error: { status: number }) => error.status);
    expect(status).toBe(404);
    await first.stop();

    const second = await start();
    expect(await vodOf(second)).toBe(vod);
    const again = new OSS(second.aliOssOptions);
    expect((await again.get('big')).content).toHaveLength(300_000);
    const { objects, deleteMarker } = await Object(again).getBucketVersions({ prefix: 'versioned' });
    expect([objects.length, deleteMarker.length]).toEqual([2, 1]);
    const older = objects.at(-1);
    const got = await again.get('versioned', { versionId: older?.versionId });
    expect(String(got.content)).toBe('one');
    await second.stop();
  });

  it('says 503 and the reason while the database is down, and goes on after it', async () => {
    const emulator = await start();
    const control = controlOf(emulator);
    const client = new OSS(emulator.aliOssOptions);
    await server.stop();
    const refused: unknown = await client.get('b').catch((error: unknown) => error);
    const message = 'The emulator cannot do this at present: PostgreSQL cannot be reached. Please try again later.';
    expect(refused).toMatchObject({ status: 503, code: 'ServiceUnavailable', message });
    const pushed = publishAsPeer(`rtmp://127.0.0.1:${emulator.port}/examplebucket/live/test-channel`);
    await expect(pushed).rejects.toThrow(`NetStream.Publish.Denied: ServiceUnavailable: ${message}`);
    const { status, body } = await control('ready', '/ready');
    const [metadata] = body.components.filter(({ name }: { name: string }) => name === 'metadata');
    expect([status, metadata.state]).toEqual([503, 'failed']);
    expect(metadata.detail).toMatch(
      /^postgres:\/\/emu@127.0.0.1:\d+\/\w+: PostgreSQL cannot be reached \(connect ECONNREFUSED\)$/,
    );
    await server.start();
    expect((await client.get('b')).content).toEqual(Buffer.from('b'));
    await expect
      .poll(() => outageLines(lines))
      .toMatch(/^store\.away store=metadata .*\nstore\.back store=metadata .*awaySec=[\d.]+$/);
    await emulator.stop();
    expect(lines.filter((line) => line.includes('PostgreSQL cannot be reached'))).not.toEqual([]);
    expect(lines.filter((line) => line.includes('publish.failed'))).toEqual([]);
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('refuses a folder whose objects belong to other metadata', async () => {
    const own = join(folder, 'own');
    const embedded = await startEmulator({ memory: false, dataDir: own });
    await embedded.stop();
    await expect(start(own)).rejects.toThrow('which --metadata would hide');
    const other = await server.createDatabase();
    const elsewhere = startEmulator({ memory: false, dataDir: join(folder, 'data'), metadata: other });
    await expect(elsewhere).rejects.toThrow('holds the objects of another database');
    const secondFolder = join(folder, 'second');
    await expect(start(secondFolder)).rejects.toThrow(
      /objects of this database are in .*data.objects, not in .*second/,
    );
    await expect(startEmulator({ memory: true, metadata: url })).rejects.toThrow(/not in the memory/);
    const again = await start();
    await controlOf(again)('reset', '/reset', { method: 'POST' });
    await again.stop();
    await expect(start(secondFolder)).rejects.toThrow('objects of this database are in');
    await (await start()).stop();
    await expect(startEmulator({ memory: false, dataDir: join(folder, 'data') })).rejects.toThrow(
      'is missing or empty',
    );
  });

  it('refuses a backup, which would have the bytes alone', async () => {
    await using emulator = await start();
    await expect(emulator.backUp(join(folder, 'backup'))).rejects.toThrow('pg_dump');
  });

  it('ends the command with one sentence when nothing listens there, without the password', async () => {
    const { exited, lines: printed } = startCommand(
      'start',
      '--memory',
      '--metadata',
      'postgres://emu:hunter2@127.0.0.1:1/x',
    );
    expect(await exited).toBe(2);
    expect(printed).toEqual([
      '--metadata postgres://emu@127.0.0.1:1/x: PostgreSQL cannot be reached (connect ECONNREFUSED 127.0.0.1:1)',
    ]);
  });

  it.each([
    { what: 'does not answer', mode: 'stall' as const, hasExport: false, exitCode: 0 },
    { what: 'cannot be reached', mode: 'refuse' as const, hasExport: true, exitCode: 2 },
  ])(
    'ends at a signal although PostgreSQL $what, and says what is lost',
    async ({ mode, hasExport, exitCode }) => {
      const forwarder = await startForwarder(server.port);
      const metadata = new URL(await server.createDatabase());
      metadata.port = String(forwarder.port);
      const exported = join(folder, 'exported.tar');
      const options = ['--memory', '--rtmp-port', 'off', '--metadata', metadata.href];
      const started = await startServing(...options, ...(hasExport ? ['--export-on-exit', exported] : []));
      const { child, exited, line, lines: printed, port } = started;
      const peer = await publishAsPeer(`rtmp://127.0.0.1:${port}/examplebucket/live/test-channel`);
      await peer.send(before(readClip('h264-aac'), 7000));
      forwarder.mode = mode;
      child.kill('SIGTERM');
      await line(/error publish\.ended .*lostFragments=\d+ lostMs=\d+ reason="lost, because it could not be stored: /);
      expect(await exited).toBe(exitCode);
      expect(printed.join('\n')).not.toContain('stopping.given-up');
      const isExportLost = printed.some((text) =>
        /^The export .* cannot be written: it took more than the 8 s that a stop may take/.test(text),
      );
      expect(isExportLost).toBe(hasExport);
      await expect(access(exported)).rejects.toMatchObject({ code: 'ENOENT' });
    },
    60_000,
  );
});
